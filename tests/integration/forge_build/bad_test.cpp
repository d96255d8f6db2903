// Everything that goes wrong is said in one sentence with its place, and hinders nothing else.
#include <gmock/gmock.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include <filesystem>
#include <thread>

#include "devenv/core/mounts.hpp"
#include "tests/integration/forge_build/bench.hpp"

namespace photon::forge {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct BadBuild : testing::Test {
  fixtures::TempFolder folder;
  Bench bench{folder.path};
  BadBuild() { bench.show_failures = false; }
};

TEST_F(BadBuild, AFailureInTheMiddleBlocksWhatNeedsItAndNothingElse) {
  bench.add("first", "true");
  bench.add("middle", "echo 'a.c:7: error: no such thing' >&2; exit 1", {"first"});
  bench.add("after", "true", {"middle"});
  bench.add("last", "true", {"after"});
  bench.add("aside", "true", {"first"});
  ASSERT_EQ(bench.outcomes(), "built first, failed middle, blocked after, blocked last, built aside");
  const auto& failed = bench.result("middle");
  EXPECT_THAT(failed.blocks, ElementsAre("after", "last"));
  ASSERT_TRUE(failed.error);
  EXPECT_EQ(failed.error->code, "forge.build");
  ASSERT_TRUE(failed.error->where);
  EXPECT_EQ(failed.error->where->file, bench.options.logs + "/middle.log");
  EXPECT_EQ(failed.error->message, "a.c:7: error: no such thing");
  EXPECT_GT(failed.error->where->line, 1U);
  EXPECT_EQ(bench.result("after").why, "middle failed");
  EXPECT_FALSE(*bench.store->find(failed.built.key.empty() ? std::string(64, '0') : failed.built.key));
  bench.add("middle", "true", {"first"});
  EXPECT_EQ(bench.outcomes(), "reused first, built middle, built after, built last, reused aside")
      << "and goes on from there";
}

TEST_F(BadBuild, ASourceWithAWrongDigestIsNeverUsed) {
  std::string file = folder.path + "/x.tar", right = sha256_hex("right"), wrong = sha256_hex("forged");
  ASSERT_TRUE(write_file(file, "forged"));
  bench.add("one", "cp %{SOURCE0} .", {}, "Source0: x.tar").sources = {
      {.file = "x.tar", .sha256 = right, .url = "file://" + file}};
  ASSERT_EQ(bench.outcomes(), "failed one");
  ASSERT_TRUE(bench.result("one").error);
  EXPECT_EQ(bench.result("one").error->kind, Kind::corrupt);
  EXPECT_THAT(bench.result("one").why, HasSubstr(right));
  EXPECT_THAT(bench.result("one").why, HasSubstr(wrong));
  EXPECT_FALSE(bench.store->source(right));
  ASSERT_TRUE(write_file(file, "right"));
  EXPECT_EQ(bench.outcomes(), "built one");
  ASSERT_TRUE(std::filesystem::remove(file));
  bench.add("one", "# again\ncp %{SOURCE0} .", {}, "Source0: x.tar").sources = {
      {.file = "x.tar", .sha256 = right, .url = "file://" + file}};
  EXPECT_EQ(bench.outcomes(), "built one") << "from the store";
}

TEST_F(BadBuild, AMissingSourceSaysWhereItWasLookedFor) {
  bench.add("one", "true", {}, "Source0: x.tar").sources = {
      {.file = "x.tar", .sha256 = sha256_hex("x"), .url = "file://" + folder.path + "/none.tar"}};
  ASSERT_EQ(bench.outcomes(), "failed one");
  const auto& error = bench.result("one").error;
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, "forge.source");
  EXPECT_THAT(error->message, HasSubstr("none.tar"));
  EXPECT_THAT(error->message, HasSubstr(sha256_hex("x")));
  EXPECT_THAT(error->where->file, HasSubstr("sources.toml"));
}

TEST_F(BadBuild, WhereAnImportSufficesASourceOutOfReachHindersNobody) {
  auto& one = bench.add("one", "true", {}, "Source0: x.tar");
  one.sources = {{.file = "x.tar", .sha256 = sha256_hex("x"), .url = "file://" + folder.path + "/x.tar"}};
  one.import_suffices = true;
  bench.add("two", "true");
  bench.graph.needs[1] = {0};
  ASSERT_EQ(bench.outcomes(), "skipped one, built two");
  EXPECT_THAT(bench.result("one").why, HasSubstr("the import stands"));
  ASSERT_TRUE(write_file(folder.path + "/x.tar", "x"));
  EXPECT_EQ(bench.outcomes(), "skipped one, reused two") << "not asked for again on the same day";
  bench.options.only = {"one"};
  EXPECT_EQ(bench.outcomes(), "built one") << "but when it is named";
}

TEST_F(BadBuild, ANeedThatNobodyProvidesIsNamed) {
  bench.add("one", "true").build_requires = {"pkgconfig(unheard-of)"};
  ASSERT_EQ(bench.outcomes(), "failed one");
  EXPECT_THAT(bench.result("one").why, HasSubstr("pkgconfig(unheard-of)"));
}

TEST_F(BadBuild, ABuildCannotReachOut) {
  for (const char* attempt : {"perl -MIO::Socket::INET -e 'exit !IO::Socket::INET->new(PeerAddr => "
                              "\"192.0.2.1:80\", Timeout => 2)'",
                              "mount -t tmpfs none /tmp", "echo 1 > /proc/sys/vm/drop_caches",
                              "echo x > /usr/share/photon-was-here"}) {
    bench.add("one", attempt);
    EXPECT_EQ(bench.outcomes(), "failed one") << attempt;
  }
  EXPECT_FALSE(std::filesystem::exists("/usr/share/photon-was-here"));
}

TEST_F(BadBuild, ACycleIsNamed) {
  bench.add("a", "true");
  bench.add("b", "true");
  bench.add("c", "true", {"b"});
  bench.add("d", "true");
  bench.graph.needs[0] = {1};
  bench.graph.needs[1] = {0};
  bench.graph.cycles = {{"a", "b", "a"}};
  bench.graph.order = {3};
  ASSERT_EQ(bench.outcomes(), "failed a, failed b, blocked c, built d");
  EXPECT_THAT(bench.result("a").why, HasSubstr("a → b → a"));
}

TEST_F(BadBuild, OneThatTakesTooLongIsEnded) {
  bench.add("one", "sleep 1000");
  bench.options.time_limit = std::chrono::seconds(2);
  ASSERT_EQ(bench.outcomes(), "failed one");
  EXPECT_THAT(bench.result("one").why, HasSubstr("longer than 2 s"));
}

TEST_F(BadBuild, StoppedItIsSaidAndGoesOnLater) {
  bench.add("quick", "true");
  bench.add("slow", "sleep 1000", {"quick"});
  std::stop_source stop;
  std::jthread later([&] {
    for (int tries = 0; tries < 500 && bench.store->history("quick", "noarch")->empty(); ++tries)
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    stop.request_stop();
  });
  auto built = bench.build(Work{.stop = stop.get_token(), .progress = {}});
  ASSERT_FALSE(built);
  EXPECT_EQ(built.error().kind, Kind::cancelled);
  EXPECT_TRUE(std::filesystem::is_empty(bench.store->folder() + "/scratch"));
  bench.add("slow", "true", {"quick"});
  EXPECT_EQ(bench.outcomes(), "reused quick, built slow");
}

TEST_F(BadBuild, AFullDiskIsCalledOne) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can make a small disk";
  pid_t child = ::fork();
  if (child == 0) {
    std::string disk = folder.path + "/disk";
    (void)make_directories(disk);
    if (::unshare(CLONE_NEWNS) < 0 || part_mounts(MS_PRIVATE) != 0 ||
        ::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=4m") < 0)
      ::_exit(2);
    Bench small(disk);
    small.add("big", "head -c 20000000 /dev/zero > file");
    small.add("little", "echo 1 > file");
    small.show_failures = false;
    small.options.jobs = 1;  // at once, the big one would take the little one's space
    bool said = small.outcomes() == "failed big, built little" && small.result("big").error &&
                small.result("big").error->kind == Kind::no_space;
    ::_exit(said ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace photon::forge
