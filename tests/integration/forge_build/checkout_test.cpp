// Our own packages: this checkout's files as a source, and a shell where a recipe is built.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "packages/forge/build/sources.hpp"
#include "tests/integration/forge_build/bench.hpp"

namespace photon::forge {
namespace {

using testing::HasSubstr;

struct OwnSources : testing::Test {
  fixtures::TempFolder folder;
  Bench bench{folder.path + "/bench"};
  std::string tree = folder.path + "/checkout";

  void SetUp() override {
    for (const char* name : {"src/main.c", "packages/specs/x/x.spec", "untracked"}) file(name, "1");
    run_or_fail({"git", "-C", tree, "init", "-q"});
    run_or_fail({"git", "-C", tree, "add", "src", "packages"});
  }
  void file(const std::string& name, const std::string& text) {
    std::filesystem::create_directories(std::filesystem::path(tree + "/" + name).parent_path());
    ASSERT_TRUE(write_file(tree + "/" + name, text, 0644));
  }
  static std::string run_or_fail(std::vector<std::string> argv) {
    auto output = photon::run({.argv = std::move(argv)});
    EXPECT_TRUE(output && output->status == 0) << (output ? output->err : sentence(output.error()));
    return output ? output->out : "";
  }
  Checkout look() {
    auto checkout = Checkout::look(tree + "/packages", *bench.store);
    EXPECT_TRUE(checkout) << sentence(checkout.error());
    return *checkout;
  }
};

TEST_F(OwnSources, AreTheTrackedFilesAsTheyAreNow) {
  auto before = look();
  EXPECT_EQ(look().digest("src").value(), before.digest("src").value());
  file("untracked", "2");
  file("packages/specs/x/x.spec", "2");
  EXPECT_EQ(look().digest("src").value(), before.digest("src").value())
      << "neither of them is a part of what is built";
  file("src/main.c", "2");
  EXPECT_NE(look().digest("src").value(), before.digest("src").value());
  file("src/main.c", "1");
  EXPECT_EQ(look().digest("src").value(), before.digest("src").value())
      << "the bytes count, not when they were written";
}

TEST_F(OwnSources, ArePackedTheSameEachTime) {
  for (const char* name : {"/one", "/two"}) std::filesystem::create_directories(folder.path + name);
  ASSERT_TRUE(look().pack("src", folder.path + "/one/photon-1.tar.gz"));
  file("src/main.c", "1");
  ASSERT_TRUE(look().pack("src", folder.path + "/two/photon-1.tar.gz"));
  EXPECT_EQ(sha256_file(folder.path + "/one/photon-1.tar.gz").value(),
            sha256_file(folder.path + "/two/photon-1.tar.gz").value());
  auto list = run_or_fail({"tar", "-tzf", folder.path + "/one/photon-1.tar.gz"});
  EXPECT_EQ(list, "photon-1/src/main.c\n");
}

TEST_F(OwnSources, AreThePartsThatARecipeNames) {
  file("docs/page.md", "1");
  run_or_fail({"git", "-C", tree, "add", "docs"});
  auto before = look().digest("src").value();
  file("docs/page.md", "22");
  EXPECT_EQ(look().digest("src").value(), before) << "a change elsewhere";
  EXPECT_NE(look().digest("src docs/page.md").value(), before);
  ASSERT_TRUE(look().pack("docs src", folder.path + "/photon-1.tar"));
  EXPECT_EQ(run_or_fail({"tar", "-tf", folder.path + "/photon-1.tar"}),
            "photon-1/docs/page.md\nphoton-1/src/main.c\n");
  auto unknown = look().digest("src gone");
  ASSERT_FALSE(unknown);
  EXPECT_THAT(sentence(unknown.error()), HasSubstr("tracks no file or folder gone"));
}

TEST_F(OwnSources, AreBuiltAnewWhenTheyChange) {
  bench.add("own", "tar -xOf %{SOURCE0} photon-1/src/main.c > file", {}, "Source0: photon-1.tar.gz")
      .sources = {{.file = "photon-1.tar.gz", .tree = "src"}};
  bench.checkout = tree;
  ASSERT_EQ(bench.outcomes(), "built own");
  EXPECT_EQ(bench.outcomes(), "reused own");
  file("src/main.c", "22");
  ASSERT_EQ(bench.outcomes(), "built own");
  EXPECT_EQ(bench.result("own").why, "source photon-1.tar.gz has changed");
}

TEST_F(OwnSources, OutsideOfACheckoutThatIsSaid) {
  auto checkout = Checkout::look("/", *bench.store);
  ASSERT_FALSE(checkout);
  EXPECT_EQ(checkout.error().code, "forge.checkout");
}

TEST(BuildShell, IsWhereTheRecipeWouldBeBuilt) {
  fixtures::TempFolder folder;
  Bench bench(folder.path);
  bench.add("one", "true", {}, "# here");
  Fd master(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
  ASSERT_TRUE(master && ::grantpt(master.get()) == 0 && ::unlockpt(master.get()) == 0);
  auto slave = open_fd(::ptsname(master.get()), O_RDWR | O_NOCTTY);
  ASSERT_TRUE(slave);
  std::string seen;
  std::jthread reader([&] {
    char buffer[4096];
    for (ssize_t got; (got = ::read(master.get(), buffer, sizeof buffer)) > 0;)
      seen.append(buffer, static_cast<std::size_t>(got));
  });
  ASSERT_TRUE(write_all(master.get(), "grep -c here SPECS/one.spec; echo $((40+2)) $(hostname); exit 7\n"));
  auto status = bench.shell("one", slave->get());
  slave->reset();
  reader.join();
  ASSERT_TRUE(status) << sentence(status.error());
  EXPECT_EQ(*status, 7) << seen;
  EXPECT_THAT(seen, HasSubstr("42 build"));
  EXPECT_TRUE(std::filesystem::is_empty(bench.store->folder() + "/scratch"));
}

TEST(BuildShell, TakesCommandsFromAPipe) {
  fixtures::TempFolder folder;
  Bench bench(folder.path);
  bench.add("one", "true", {}, "# here");
  ASSERT_TRUE(write_file(folder.path + "/commands", "grep -c here SPECS/one.spec\nexit 7\n", 0644));
  auto commands = open_fd(folder.path + "/commands", O_RDONLY);
  ASSERT_TRUE(commands);
  testing::internal::CaptureStdout();
  auto status = bench.shell("one", commands->get());
  auto seen = testing::internal::GetCapturedStdout();
  ASSERT_TRUE(status) << sentence(status.error());
  EXPECT_EQ(*status, 7);
  EXPECT_EQ(seen, "1\n");
}

}  // namespace
}  // namespace photon::forge
