// What environments share, own and give back: refs, submodules, owners, cancellation, status and gc.
#include <sys/stat.h>
#include <thread>

#include "tests/integration/git/suite.hpp"

namespace photon::git {
namespace {

using testing::HasSubstr;
using tests::git;

class Borrow : public CloneSuite {
 protected:
  [[nodiscard]] std::string address(const std::string& more = "") const {
    return "file://" + served() + "/acme/web.git" + more;
  }
};

TEST_F(Borrow, EveryFormOfRef) {
  auto first = git(work_tree(), {"rev-parse", "HEAD"});
  git(work_tree(), {"tag", "-a", "-m", "One", "v1"});
  git(work_tree(), {"commit", "-q", "--allow-empty", "-m", "Second"});
  git(work_tree(), {"branch", "topic/x"});
  publish();
  auto second = git(work_tree(), {"rev-parse", "HEAD"});
  auto bare = served() + "/acme/web.git";
  auto pull = git(bare, {"commit-tree", "-p", first, "-m", "Pull", first + "^{tree}"});
  git(bare, {"update-ref", "refs/pull/42/head", pull});
  struct Case {
    std::string more, commit, branch;
  };
  int number = 0;
  for (const auto& [more, commit, branch] : std::vector<Case>{{"", second, "main"},
                                                              {"#topic/x", second, "topic/x"},
                                                              {"#v1", first, ""},
                                                              {"#refs/tags/v1", first, ""},
                                                              {"#refs/heads/topic/x", second, "topic/x"},
                                                              {"@" + first, first, ""},
                                                              {"@" + first.substr(0, 8), first, ""},
                                                              {"#" + first.substr(0, 8), first, ""},
                                                              {"#pull/42", pull, "pull/42"}}) {
    auto name = fmt::format("clone{}", number++);
    auto cloned = clone_quietly(request(address(more), name));
    ASSERT_TRUE(cloned) << more << ": " << cloned.error().message;
    EXPECT_EQ(cloned->commit, commit) << more;
    EXPECT_EQ(cloned->branch, branch) << more;
    EXPECT_EQ(git(folder / name, {"rev-parse", "HEAD"}), commit) << more;
    EXPECT_EQ(git(folder / name, {"status", "--porcelain"}), "") << more;
    EXPECT_EQ(git(folder / name, {"rev-parse", "v1^{}"}), first);
    EXPECT_EQ(git(folder / name, {"rev-parse", "origin/HEAD"}), second);
  }
}

TEST_F(Borrow, SubmodulesWithinSubmodules) {
  tests::make_repository(folder / "inner", 3);
  git(folder.path(), {"clone", "-q", "--bare", folder / "inner", served() + "/acme/inner.git"});
  tests::make_repository(folder / "lib", 2);
  git(folder / "lib", {"submodule", "--quiet", "add", served() + "/acme/inner.git", "deep/inner"});
  git(folder / "lib", {"config", "-f", ".gitmodules", "submodule.deep/inner.url", "../inner.git"});
  git(folder / "lib", {"commit", "-q", "-a", "-m", "Inner"});
  git(folder.path(), {"clone", "-q", "--bare", folder / "lib", served() + "/acme/lib.git"});
  git(work_tree(), {"submodule", "--quiet", "add", served() + "/acme/lib.git", "lib"});
  git(work_tree(), {"config", "-f", ".gitmodules", "submodule.lib.url", "../lib.git"});
  git(work_tree(), {"commit", "-q", "-a", "-m", "Lib"});
  publish();
  auto cloned = clone_quietly(request(address()));
  ASSERT_TRUE(cloned) << cloned.error().message;
  EXPECT_EQ(cloned->mirrors.size(), 3u);
  EXPECT_TRUE(std::filesystem::exists(folder / "clone/lib/deep/inner/part0/file2.txt"));
  EXPECT_EQ(git(folder / "clone", {"status", "--porcelain"}), "");
  EXPECT_THAT(git(folder / "clone", {"submodule", "status", "--recursive"}), testing::Not(HasSubstr("-")));
  auto without = request(address(), "without");
  without.submodules = false;
  ASSERT_TRUE(clone_quietly(without));
  EXPECT_TRUE(std::filesystem::is_empty(folder / "without/lib"));
}

TEST_F(Borrow, EverythingBelongsToTheOwner) {
  if (::geteuid() != 0) {  // an ordinary user can give files to nobody else: then they are the user's own
    auto cloned = clone_quietly(request(address()));
    ASSERT_TRUE(cloned) << cloned.error().message;
    return;
  }
  auto wanted = request(address());
  wanted.uid = 4321;
  wanted.gid = 4322;
  auto cloned = clone_quietly(wanted);
  ASSERT_TRUE(cloned) << cloned.error().message;
  std::size_t seen = 0;
  auto expect_owner = [&](const std::filesystem::path& path) {
    struct stat info{};
    ASSERT_EQ(::lstat(path.c_str(), &info), 0);
    EXPECT_EQ(info.st_uid, 4321u) << path;
    EXPECT_EQ(info.st_gid, 4322u) << path;
    ++seen;
  };
  expect_owner(folder / "clone");
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder / "clone"))
    expect_owner(entry.path());
  EXPECT_GT(seen, 70u);
  EXPECT_EQ(git(folder / "clone", {"status", "--porcelain"}), "");
  EXPECT_TRUE(status(folder / "clone"));
}

TEST_F(Borrow, ManyFilesByTwoThreads) {
  tests::make_repository(folder / "many", 2500);
  git(folder.path(), {"clone", "-q", "--bare", folder / "many", served() + "/acme/many.git"});
  auto cloned = clone_quietly(request("file://" + served() + "/acme/many.git"));
  ASSERT_TRUE(cloned) << cloned.error().message;
  EXPECT_EQ(cloned->files, 2501u);
  EXPECT_EQ(git(folder / "clone", {"status", "--porcelain"}), "");
  EXPECT_EQ(tests::must_run({"diff", "-r", "--exclude=.git", folder / "many", folder / "clone"}), "");
}

TEST_F(Borrow, AttributesThatConvertAreHeeded) {
  tests::put(work_tree() + "/.gitattributes", "*.bat text eol=crlf\n");
  tests::put(work_tree() + "/run.bat", "one\ntwo\n");
  git(work_tree(), {"add", "-A"});
  git(work_tree(), {"commit", "-q", "-m", "Batch"});
  publish();
  auto cloned = clone_quietly(request(address()));
  ASSERT_TRUE(cloned) << cloned.error().message;
  EXPECT_EQ(*read_file(folder / "clone/run.bat"), "one\r\ntwo\r\n");
  EXPECT_EQ(git(folder / "clone", {"status", "--porcelain"}), "");
}

TEST_F(Borrow, CancelledInTheMiddleLeavesNoTarget) {
  std::string noise(3 << 20, '\0');
  std::uint32_t state = 1;
  for (char& c : noise) c = char((state = state * 1664525 + 1013904223) >> 24);
  tests::put(work_tree() + "/noise", noise);
  git(work_tree(), {"add", "-A"});
  git(work_tree(), {"commit", "-q", "-m", "Noise"});
  publish();
  tests::GitHttpServer server(served(), {.user = "", .password = "", .slow = 200});
  std::stop_source stop;
  Work work{.stop = stop.get_token(), .progress = [&](const Progress& progress) {
              if (progress.total > 0) stop.request_stop();
            }};
  auto began = std::chrono::steady_clock::now();
  auto cloned = clone(request(server.url("acme/web.git")), work);
  ASSERT_FALSE(cloned);
  EXPECT_EQ(cloned.error().kind, Kind::cancelled);
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(8));
  EXPECT_FALSE(std::filesystem::exists(folder / "clone"));
  for (const auto& entry : std::filesystem::directory_iterator(folder / "cache"))
    if (entry.is_directory())
      for (const auto& pack : std::filesystem::directory_iterator(entry.path() / "objects/pack"))
        ADD_FAILURE() << "left behind: " << pack.path();
}

TEST_F(Borrow, CancelledWhileTheServerIsSilent) {
  tests::SilentServer server;
  std::stop_source stop;
  std::jthread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    stop.request_stop();
  });
  auto began = std::chrono::steady_clock::now();
  auto cloned = clone(request(fmt::format("http://127.0.0.1:{}/acme/web.git", server.port())),
                      Work{.stop = stop.get_token(), .progress = {}});
  ASSERT_FALSE(cloned);
  EXPECT_EQ(cloned.error().kind, Kind::cancelled) << cloned.error().message;
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(3));
}

TEST_F(Borrow, ManyAtOnceFetchOnce) {
  std::vector<std::jthread> threads;
  std::atomic<int> fetched = 0, failed = 0;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&, i] {
      auto cloned = clone_quietly(request(address(), fmt::format("clone{}", i)));
      if (!cloned) ++failed;
      if (cloned && cloned->used_network) ++fetched;
    });
  threads.clear();
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(fetched, 1);
}

TEST_F(Borrow, StatusTellsWhatWouldBeLost) {
  ASSERT_TRUE(clone_quietly(request(address())));
  auto clean = status(folder / "clone");
  ASSERT_TRUE(clean) << clean.error().message;
  EXPECT_EQ(clean->branch, "main");
  EXPECT_EQ(clean->commit, git(work_tree(), {"rev-parse", "HEAD"}));
  EXPECT_EQ(clean->dirty, 0u);
  EXPECT_EQ(clean->unpushed, 0u);
  tests::put(folder / "clone/README.md", "changed\n");
  tests::put(folder / "clone/new.txt", "new\n");
  EXPECT_EQ(status(folder / "clone")->dirty, 2u);
  git(folder / "clone", {"commit", "-q", "-a", "-m", "Mine"});
  git(folder / "clone", {"switch", "-q", "-c", "other"});
  git(folder / "clone", {"commit", "-q", "--allow-empty", "-m", "Mine, too"});
  git(folder / "clone", {"switch", "-q", "--detach", "origin/main"});
  auto after = status(folder / "clone");
  ASSERT_TRUE(after);
  EXPECT_EQ(after->branch, "");
  EXPECT_EQ(after->dirty, 1u);
  EXPECT_EQ(after->unpushed, 2u) << "commits of every branch count, not only of the current one";
  EXPECT_EQ(status(folder / "none").error().kind, Kind::not_found);
}

TEST_F(Borrow, MirrorsGoWhenNobodyBorrows) {
  auto one = clone_quietly(request(address(), "one"));
  auto two = clone_quietly(request(address(), "two"));
  ASSERT_TRUE(one && two);
  ASSERT_TRUE(release(one->mirrors, "env-one"));
  auto nothing = gc(folder / "cache", Work{});
  ASSERT_TRUE(nothing);
  EXPECT_EQ(nothing->mirrors, 0u);
  EXPECT_EQ(git(folder / "two", {"fsck"}), "");
  ASSERT_TRUE(release(two->mirrors, "env-two"));
  ASSERT_TRUE(release(two->mirrors, "env-two")) << "twice is the same";
  auto all = gc(folder / "cache", Work{});
  ASSERT_TRUE(all);
  EXPECT_EQ(all->mirrors, 1u);
  EXPECT_GT(all->bytes, 0u);
  EXPECT_TRUE(std::filesystem::is_empty(folder / "cache"));
}

}  // namespace
}  // namespace photon::git
