#include <sys/stat.h>

#include "devenv/core/fd.hpp"
#include "tests/integration/git/suite.hpp"

namespace photon::git {
namespace {

using testing::HasSubstr;
using tests::git;
using tests::GitHttpServer;

using Clone = CloneSuite;

TEST_F(Clone, OverHttpWithProgress) {
  GitHttpServer server(served());
  std::mutex mutex;
  std::vector<Progress> reports;
  Work work{.stop = {}, .progress = [&](const Progress& progress) {
              std::scoped_lock lock(mutex);
              reports.push_back(progress);
            }};
  auto cloned = clone(request(server.url("acme/web.git")), work);
  ASSERT_TRUE(cloned) << cloned.error().message;
  EXPECT_TRUE(cloned->used_network);
  EXPECT_EQ(cloned->branch, "main");
  EXPECT_EQ(cloned->files, 61u);
  EXPECT_GT(cloned->bytes, 0u);
  EXPECT_EQ(cloned->commit, git(work_tree(), {"rev-parse", "HEAD"}));
  EXPECT_EQ(*read_file(folder / "clone/part1/file55.txt"), "text 55\n");
  ASSERT_FALSE(reports.empty());
  EXPECT_TRUE(reports.back().finished);
  EXPECT_EQ(reports.back().step, "clone");
  EXPECT_EQ(reports.back().subject, "acme/web at main");
  EXPECT_THAT(reports.back().detail, testing::MatchesRegex("61 files, .* kB"));
  EXPECT_EQ(git(folder / "clone", {"fsck", "--full"}), "");
  EXPECT_EQ(git(folder / "clone", {"rev-parse", "@{upstream}"}), cloned->commit);
  EXPECT_EQ(git(folder / "clone", {"remote", "get-url", "origin"}), server.url("acme/web.git"));
}

TEST_F(Clone, LeavesNothingForGitStatusToRead) {
  GitHttpServer server(served());
  ASSERT_TRUE(clone_quietly(request(server.url("acme/web.git"))));
  auto index = folder / "clone/.git/index";
  auto before = *read_file(index);
  // A file whose content is gone but whose stat data is the same would be seen only by reading it.
  struct stat info{};
  auto file = folder / "clone/README.md";
  ASSERT_EQ(::stat(file.c_str(), &info), 0);
  EXPECT_EQ(git(folder / "clone", {"status", "--porcelain"}), "");
  EXPECT_EQ(*read_file(index), before);
  auto listed = git(folder / "clone", {"ls-files", "--debug", "README.md"});
  EXPECT_THAT(listed, HasSubstr(fmt::format("ino: {}", std::uint32_t(info.st_ino))));
  EXPECT_THAT(listed, HasSubstr(fmt::format("mtime: {}:{}", info.st_mtim.tv_sec, info.st_mtim.tv_nsec)));
  struct stat index_info{};
  ASSERT_EQ(::stat(index.c_str(), &index_info), 0);
  EXPECT_LT(info.st_mtim.tv_sec, index_info.st_mtim.tv_sec)
      << "git reads files again that are as young as its index";
}

TEST_F(Clone, TheSecondTimeNeedsNoServer) {
  GitHttpServer server(served());
  ASSERT_TRUE(clone_quietly(request(server.url("acme/web.git"), "one")));
  server.stop();
  auto second = clone_quietly(request(server.url("acme/web.git"), "two"));
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_FALSE(second->used_network);
  EXPECT_EQ(git(folder / "two", {"status", "--porcelain"}), "");
  // Later than a minute the server is asked, and its silence told.
  std::filesystem::last_write_time(second->mirror + "/fetched",
                                   std::filesystem::file_time_type::clock::now() - std::chrono::hours(1));
  std::string last;
  Work work{.stop = {}, .progress = [&](const Progress& progress) { last = progress.detail; }};
  auto third = clone(request(server.url("acme/web.git"), "three"), work);
  ASSERT_TRUE(third) << third.error().message;
  EXPECT_THAT(last, HasSubstr("the remote did not answer"));
}

TEST_F(Clone, FetchesWhatIsNew) {
  GitHttpServer server(served());
  auto first = clone_quietly(request(server.url("acme/web.git"), "one"));
  ASSERT_TRUE(first) << first.error().message;
  tests::put(work_tree() + "/new.txt", "new\n");
  git(work_tree(), {"add", "-A"});
  git(work_tree(), {"commit", "-q", "-m", "Second"});
  git(work_tree(), {"push", "-q", served() + "/acme/web.git", "main", "main:topic/x"});
  std::filesystem::last_write_time(first->mirror + "/fetched",
                                   std::filesystem::file_time_type::clock::now() - std::chrono::hours(1));
  auto second = clone_quietly(request(server.url("acme/web.git"), "two"));
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(second->commit, git(work_tree(), {"rev-parse", "HEAD"}));
  EXPECT_LT(second->bytes, first->bytes);
  auto topic = clone_quietly(request(server.url("acme/web.git#topic/x"), "three"));
  ASSERT_TRUE(topic) << topic.error().message;
  EXPECT_EQ(topic->branch, "topic/x");
}

TEST_F(Clone, SaysWhichHostCannotBeReached) {
  GitHttpServer server(served());
  server.stop();
  auto cloned = clone_quietly(request(server.url("acme/web.git")));
  ASSERT_FALSE(cloned);
  EXPECT_EQ(cloned.error().kind, Kind::unavailable);
  EXPECT_THAT(cloned.error().message, HasSubstr("127.0.0.1"));
  EXPECT_FALSE(std::filesystem::exists(folder / "clone"));
}

TEST_F(Clone, OfNothingIsNotFound) {
  GitHttpServer server(served());
  auto cloned = clone_quietly(request(server.url("acme/none.git")));
  ASSERT_FALSE(cloned);
  EXPECT_EQ(cloned.error().kind, Kind::not_found) << cloned.error().message;
  auto ref = clone_quietly(request(server.url("acme/web.git#none")));
  ASSERT_FALSE(ref);
  EXPECT_EQ(ref.error().kind, Kind::not_found) << ref.error().message;
  EXPECT_THAT(ref.error().message, HasSubstr("none"));
}

TEST_F(Clone, KeepsItsHandsOffAFullFolder) {
  GitHttpServer server(served());
  tests::put(folder / "clone/mine", "mine");
  auto cloned = clone_quietly(request(server.url("acme/web.git")));
  ASSERT_FALSE(cloned);
  EXPECT_EQ(cloned.error().kind, Kind::conflict);
  EXPECT_EQ(*read_file(folder / "clone/mine"), "mine");
}

}  // namespace
}  // namespace photon::git
