// What is built, what is not, and that it is the same each time.
#include <gmock/gmock.h>

#include <filesystem>
#include <thread>

#include "devenv/core/json.hpp"
#include "packages/rpm/package.hpp"
#include "tests/integration/forge_build/bench.hpp"

namespace photon::forge {
namespace {

using testing::HasSubstr;

struct Build : testing::Test {
  fixtures::TempFolder folder;
  Bench bench{folder.path};
};

TEST_F(Build, InOrderAndNotAgain) {
  bench.add("one", "echo 1 > file");
  bench.add("two", "cat /opt/one/file > file; echo 2 >> file", {"one"});
  ASSERT_EQ(bench.outcomes(), "built one, built two");
  const auto& built = bench.result("two").built;
  ASSERT_EQ(built.outputs.size(), 2U);
  EXPECT_EQ(built.outputs[0].name, "two-1-1.noarch.rpm");
  EXPECT_EQ(built.outputs[1].name, "two-1-1.src.rpm");
  auto package = rpm::read_package(bench.store->path_of(built.outputs[0]));
  ASSERT_TRUE(package);
  EXPECT_EQ(package->nevra.name, "two");
  EXPECT_EQ(package->files.back().size, 4U);
  ASSERT_EQ(built.dependencies.size(), 2U);
  EXPECT_EQ(built.dependencies[1].name, "one-1-1.noarch");
  EXPECT_THAT(read_file(built.log).value(), HasSubstr("Executing(%install)"));
  EXPECT_EQ(read_file(bench.options.logs + "/two.log").value(), read_file(built.log).value());
  EXPECT_EQ(bench.outcomes(), "reused one, reused two");
  EXPECT_TRUE(std::filesystem::is_empty(bench.store->folder() + "/scratch"));
}

TEST_F(Build, ADependencyWithTheSameBytesRebuildsNobody) {
  bench.add("one", "echo 1 > file");
  bench.add("two", "cat /opt/one/file > file", {"one"});
  ASSERT_EQ(bench.outcomes(), "built one, built two");
  bench.add("one", "# a comment that changes nothing\necho 1 > file");
  EXPECT_EQ(bench.outcomes(), "built one, reused two") << "early cutoff";
  EXPECT_EQ(bench.result("one").why, "spec has changed");
  bench.add("one", "echo other > file");
  EXPECT_EQ(bench.outcomes(), "built one, built two");
  EXPECT_EQ(bench.result("two").why, "build root one-1-1.noarch has other bytes");
}

TEST_F(Build, WhatIsBuiltWhenAskedForIsLeftOutUntilThenAndKeptWhileItIsCurrent) {
  bench.add("one", "echo 1 > file");
  bench.add("slow", "cat /opt/one/file > file", {"one"}).when_asked = true;
  ASSERT_EQ(bench.outcomes(), "built one, skipped slow");
  EXPECT_TRUE(bench.result("slow").left_out);
  EXPECT_EQ(bench.outcomes(), "reused one, skipped slow");
  EXPECT_THAT(bench.result("slow").why, HasSubstr("forge build slow"));
  bench.options.only = {"slow"};
  EXPECT_EQ(bench.outcomes(), "reused one, built slow");
  bench.options.only.clear();
  EXPECT_EQ(bench.outcomes(), "reused one, reused slow") << "as long as nothing of it changes";
  bench.add("one", "# a comment that changes nothing\necho 1 > file");
  EXPECT_EQ(bench.outcomes(), "built one, reused slow") << "of what it is made, too";
  bench.options.check_reproducible = true;
  EXPECT_EQ(bench.outcomes(), "reused one, reused slow") << "it is not built twice, either";
  bench.options.check_reproducible = false;
  bench.add("one", "echo other > file");
  EXPECT_EQ(bench.outcomes(), "built one, skipped slow");
}

TEST_F(Build, WhatIsBuiltWhenAskedForIsBuiltWhereAnotherNeedsIt) {
  bench.add("slow", "echo 1 > file").when_asked = true;
  bench.add("two", "cat /opt/slow/file > file", {"slow"});
  EXPECT_EQ(bench.outcomes(), "built slow, built two");
}

TEST_F(Build, ADryRunSaysWhatWouldBeBuiltAndWhy) {
  bench.add("one", "echo 1 > file");
  bench.add("two", "true", {"one"});
  bench.options.dry_run = true;
  ASSERT_EQ(bench.outcomes(), "due one, due two");
  EXPECT_EQ(bench.result("one").why, "never built");
  EXPECT_EQ(bench.result("two").why, "after one");
  bench.options.dry_run = false;
  ASSERT_EQ(bench.outcomes(), "built one, built two");
}

TEST_F(Build, OnlyWhatIsAskedForWithWhatItNeeds) {
  bench.add("one", "true");
  bench.add("two", "true", {"one"});
  bench.add("three", "true");
  bench.options.only = {"two"};
  EXPECT_EQ(bench.outcomes(), "built one, built two");
  bench.options.only = {"tow"};
  EXPECT_THAT(bench.outcomes(), HasSubstr("there is no recipe tow"));
}

TEST_F(Build, IsTheSameElsewhereOnOneCoreAndLater) {
  bench.add("good", "echo $RANDOM > /dev/null; date > /tmp/x; echo 1 > file; ln -s file link");
  bench.options.check_reproducible = true;
  EXPECT_EQ(bench.outcomes(), "built good");
  EXPECT_EQ(bench.outcomes(), "reused good") << "compared again";
  bench.show_failures = false;
  bench.add("cores", "echo $RPM_BUILD_NCPUS > file");
  bench.add("clock", "date +%%N > file");
  EXPECT_EQ(bench.outcomes(), "reused good, failed cores, failed clock");
  EXPECT_THAT(bench.result("cores").why, HasSubstr("cores-1-1.noarch.rpm differs"));
}

TEST_F(Build, HasTheDateOfItsChangelogAndNoTraceOfTheMachine) {
  bench.add("one", "printf '%%s' \"$SOURCE_DATE_EPOCH\" > file");
  ASSERT_EQ(bench.outcomes(), "built one");
  auto package = rpm::read_package(bench.store->path_of(bench.result("one").built.outputs[0]));
  ASSERT_TRUE(package);
  EXPECT_EQ(package->build_time, 1735689600) << "without a changelog, one day for all";
  auto bytes = read_file(bench.store->path_of(bench.result("one").built.outputs[0]));
  char name[256] = {};
  ASSERT_EQ(::gethostname(name, sizeof name - 1), 0);
  EXPECT_EQ(bytes->find(std::string(" ") + name), std::string::npos);
  EXPECT_EQ(bytes->find(folder.path), std::string::npos);
}

TEST_F(Build, AsksForNeedsThatOnlyTheSourcesKnow) {
  bench.add("tool", "echo 1 > file");
  bench.add("more", "echo 2 > file");
  bench.add("one", "cat /opt/tool/file /opt/more/file > file", {},
            "%prep\n%generate_buildrequires\necho tool\nif [ -e /opt/tool ]; then echo more; fi");
  bench.graph.recipes[2].dynamic_build_requires = true;
  bench.graph.needs[2] = {0, 1};
  ASSERT_EQ(bench.outcomes(), "built tool, built more, built one");
  EXPECT_EQ(bench.outcomes(), "reused tool, reused more, reused one");
  bench.add("more", "echo 3 > file");
  bench.graph.recipes[2].dynamic_build_requires = true;
  bench.graph.needs[2] = {0, 1};
  EXPECT_EQ(bench.outcomes(), "reused tool, built more, built one");
}

TEST_F(Build, TwoForgesAtOnceBuildEachThingOnce) {
  bench.add("slow", "sleep 1; echo 1 > file");
  Bench other(folder.path);
  other.graph = bench.graph;
  std::string second;
  {
    std::jthread thread([&] { second = other.outcomes(); });
    EXPECT_THAT(bench.outcomes(), testing::AnyOf("built slow", "reused slow"));
  }
  EXPECT_THAT(second, testing::AnyOf("built slow", "reused slow"));
  EXPECT_EQ(bench.store->history("slow", "noarch")->size(), 1U);
  EXPECT_EQ((bench.last[0].outcome == Outcome::built) + (other.last[0].outcome == Outcome::built), 1);
}

TEST_F(Build, TellsProgramsWhatHappens) {
  bench.add("one", "true");
  bench.add("bad", "false");
  bench.options.events = folder.path + "/events";
  bench.show_failures = false;
  ASSERT_EQ(bench.outcomes(), "built one, failed bad");
  std::vector<std::string> seen;
  std::istringstream lines(read_file(bench.options.events).value());
  for (std::string line; std::getline(lines, line);) {
    auto event = parse_json(line, "an event");
    ASSERT_TRUE(event) << line;
    EXPECT_GT(number_or(*event, "time"), 1600000000000);
    if (text_or(*event, "event") == "done")
      seen.push_back(text_or(*event, "recipe") + " " + text_or(*event, "outcome"));
  }
  EXPECT_THAT(seen, testing::UnorderedElementsAre("one built", "bad failed"));
}

}  // namespace
}  // namespace photon::forge
