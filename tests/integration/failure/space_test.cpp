// A disk that is full, at each place where something large is written: status 7, nothing half made, and all
// is well once there is space again.
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include "devenv/core/mounts.hpp"
#include "tests/integration/failure/suite.hpp"

namespace photon::tests {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::uint64_t mega = 1 << 20;

class Space : public FailureTest {
 protected:
  static void SetUpTestSuite() {
    if (::geteuid() != 0) GTEST_FAIL() << "a small file system can only be mounted by root";
    folder = std::make_unique<TemporaryFolder>();
    // Gone with this process, whatever happens.
    ASSERT_EQ(::unshare(CLONE_NEWNS), 0);
    ASSERT_EQ(part_mounts(MS_PRIVATE), 0);
    disk = *folder / "disk";
    std::filesystem::create_directories(disk);
    ASSERT_EQ(::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=160m,mode=755"), 0);
    home = std::make_unique<Home>(Home::Options{.folder = disk + "/h"});
    auto web = make_project_repository(*folder / "served/web.git", R"({"image": "devenv/base:latest"})");
    must_run({"dd", "if=/dev/urandom", "of=" + web + "/noise", "bs=1M", "count=24"});
    git(web, {"add", "-A"});
    git(web, {"commit", "-q", "-m", "Noise"});
    server = std::make_unique<GitHttpServer>(*folder / "served");
  }
  static void TearDownTestSuite() {
    server.reset();
    FailureTest::TearDownTestSuite();
    ::umount2(disk.c_str(), MNT_DETACH);
    folder.reset();
  }
  void TearDown() override {
    make_space();
    FailureTest::TearDown();
  }

  /// Leaves so many bytes, and no more.
  static void fill(std::uint64_t leave) {
    Fd file(::open((disk + "/ballast").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    ASSERT_TRUE(file);
    const auto free = free_space(disk);
    ASSERT_GT(free, leave);
    ASSERT_EQ(::posix_fallocate(file.get(), 0, static_cast<off_t>(free - leave)), 0);
  }
  static void make_space() { ::unlink((disk + "/ballast").c_str()); }
  static bool has_image(const std::string& name) {
    return home->devenv({"image", "ls", "--json"}).out.find(name) != std::string::npos;
  }

  inline static std::unique_ptr<TemporaryFolder> folder;
  inline static std::string disk;
  inline static std::unique_ptr<GitHttpServer> server;
};

TEST_F(Space, WhileARepositoryIsFetched) {
  fill(24 * mega);
  auto up = home->devenv({"up", server->url("web.git")});
  EXPECT_EQ(up.status, 7) << up.err;
  EXPECT_THAT(up.err, AllOf(HasSubstr("no space left"), IsAWellFormedError()));
  EXPECT_THAT(home->names(), IsEmpty());
  EXPECT_THAT(home->orphans(), IsEmpty());
  make_space();
  auto again = home->devenv({"up", server->url("web.git")});
  EXPECT_EQ(again.status, 0) << again.err;
}

TEST_F(Space, WhileFilesAreCheckedOut) {
  ASSERT_EQ(home->devenv({"up", "--name", "first", server->url("web.git")}).status, 0);
  fill(8 * mega);
  auto up = home->devenv({"up", "--name", "second", server->url("web.git")});
  EXPECT_EQ(up.status, 7) << up.err;
  EXPECT_THAT(up.err, IsAWellFormedError());
  EXPECT_THAT(home->names(), testing::ElementsAre("first"));
  EXPECT_THAT(home->orphans(), IsEmpty());
  make_space();
  auto again = home->devenv({"up", "--name", "second", server->url("web.git")});
  EXPECT_EQ(again.status, 0) << again.err;
  EXPECT_EQ(home->devenv({"exec", "second", "--", "wc", "-c", "noise"}).out, "25165824 noise\n");
}

TEST_F(Space, WhileAnImageIsImported) {
  make_small_image(*folder / "other.tar");
  fill(mega);
  auto imported = home->devenv({"image", "import", *folder / "other.tar", "--name", "local/other:1"});
  EXPECT_EQ(imported.status, 7) << imported.err;
  EXPECT_THAT(imported.err, IsAWellFormedError());
  EXPECT_FALSE(has_image("local/other"));
  EXPECT_THAT(home->orphans(), IsEmpty());
  make_space();
  auto again = home->devenv({"image", "import", *folder / "other.tar", "--name", "local/other:1"});
  EXPECT_EQ(again.status, 0) << again.err;
  EXPECT_TRUE(has_image("local/other"));
}

TEST_F(Space, WhileAContainerIsMade) {
  auto web = make_project(*folder / "local", R"({"image": "devenv/base:latest"})");
  fill(0);
  auto up = home->devenv({"up"}, web);
  EXPECT_EQ(up.status, 7) << up.err;
  EXPECT_THAT(up.err, IsAWellFormedError());
  make_space();
  EXPECT_THAT(home->orphans(), IsEmpty());
  auto again = home->devenv({"up"}, web);
  EXPECT_EQ(again.status, 0) << again.err;
}

TEST_F(Space, WhileAHookRuns) {
  auto web = make_project(*folder / "hook", R"({
    "image": "devenv/base:latest",
    "postCreateCommand": "test -f /tmp/second || { touch /tmp/second; dd if=/dev/zero of=/tmp/big bs=65536; }"})");
  auto up = home->devenv({"up"}, web);
  EXPECT_EQ(up.status, 7) << up.err;
  EXPECT_THAT(up.err, AllOf(HasSubstr("postCreateCommand exited 1, and the disk of"), IsAWellFormedError()));
  // The journal has space of its own, so it can be entered and space can be made.
  EXPECT_EQ(text_or(home->environment("hook"), "state"), "failed");
  auto removed = home->devenv({"exec", "hook", "--", "rm", "/tmp/big"});
  EXPECT_EQ(removed.status, 0) << removed.err;
  auto again = home->devenv({"up"}, web);
  EXPECT_EQ(again.status, 0) << again.err;
  EXPECT_EQ(text_or(home->environment("hook"), "state"), "running");
}

TEST_F(Space, AFullOneLetsAnEnvironmentBeDeleted) {
  auto web = make_project(*folder / "deleted", R"({"image": "devenv/base:latest"})");
  ASSERT_EQ(home->devenv({"up"}, web).status, 0);
  fill(0);
  auto removed = home->devenv({"rm", "--yes", "deleted"});
  EXPECT_EQ(removed.status, 0) << removed.err;
  EXPECT_THAT(home->names(), IsEmpty());
}

TEST_F(Space, WhileTheDaemonStarts) {
  auto web = make_project(*folder / "start", R"({"image": "devenv/base:latest"})");
  ASSERT_EQ(home->devenv({"up"}, web).status, 0);
  ASSERT_EQ(home->devenv({"shutdown", "--all"}).status, 0);
  fill(0);
  auto up = home->devenv({"up"}, web);
  EXPECT_EQ(up.status, 7) << up.err;
  EXPECT_THAT(up.err, IsAWellFormedError());
  make_space();
  auto again = home->devenv({"up"}, web);
  EXPECT_EQ(again.status, 0) << again.err;
}

}  // namespace
}  // namespace photon::tests
