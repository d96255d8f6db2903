// Repositories that were made to harm.
#include <sys/stat.h>
#include <thread>

#include "tests/integration/git/suite.hpp"

namespace photon::git {
namespace {

using testing::HasSubstr;
using tests::git;

class Hostile : public CloneSuite {
 protected:
  /// A commit with exactly these lines of `git mktree` in its root; nothing checks their names.
  void publish_tree(const std::string& lines) {
    tests::put(folder / "tree", lines);
    auto repository = served() + "/acme/web.git";
    auto tree = tests::must_run({"sh", "-c", "git mktree --missing < " + (folder / "tree")}, repository);
    auto commit = git(repository, {"commit-tree", "-m", "Evil", tree});
    git(repository, {"update-ref", "refs/heads/main", commit});
  }
  std::string blob(const std::string& text) {
    tests::put(folder / "blob", text);
    return git(served() + "/acme/web.git", {"hash-object", "-w", folder / "blob"});
  }
  /// mktree refuses some names and orders; hash-object takes any bytes.
  void publish_raw(std::initializer_list<std::tuple<std::string, std::string, std::string>> entries) {
    std::string bytes;
    for (const auto& [mode, name, id] : entries) {
      bytes += mode + " " + name + '\0';
      for (std::size_t i = 0; i < id.size(); i += 2) bytes += char(std::stoi(id.substr(i, 2), nullptr, 16));
    }
    tests::put(folder / "tree", bytes);
    auto repository = served() + "/acme/web.git";
    auto tree = git(repository, {"hash-object", "-w", "-t", "tree", "--literally", folder / "tree"});
    git(repository, {"update-ref", "refs/heads/main", git(repository, {"commit-tree", "-m", "Evil", tree})});
  }
  std::string subtree(const std::string& name) {
    auto repository = served() + "/acme/web.git";
    tests::put(folder / "tree", fmt::format("100644 blob {}\t{}\n", blob("evil"), name));
    return tests::must_run({"sh", "-c", "git mktree < " + (folder / "tree")}, repository);
  }
  void expect_refused() {
    auto cloned = clone_quietly(request("file://" + served() + "/acme/web.git"));
    EXPECT_FALSE(cloned);
    EXPECT_FALSE(std::filesystem::exists(folder / "clone"));
    EXPECT_TRUE(std::filesystem::is_empty(folder / "outside"));
    EXPECT_EQ(gc(folder / "cache", Work{})->mirrors, 1u) << "a clone that failed borrows nothing";
  }
  void SetUp() override {
    CloneSuite::SetUp();
    std::filesystem::create_directories(folder / "outside");
  }
};

TEST_F(Hostile, LinkInThePlaceOfAFolder) {
  publish_raw({{"120000", "a", blob(folder / "outside")}, {"40000", "a", subtree("b")}});
  expect_refused();
}

TEST_F(Hostile, NamesOfGit) {
  for (std::string name : {".git", ".GIT", ".git ", "git~1", ".g\u200cit"}) {
    publish_raw({{"40000", name, subtree("config")}});
    expect_refused();
  }
}

TEST_F(Hostile, NamesThatClimb) {
  publish_raw({{"40000", "..", subtree("b")}});
  expect_refused();
  publish_raw({{"100644", "../outside/x", blob("evil")}});
  expect_refused();
}

TEST_F(Hostile, LinksStayLinks) {
  publish_tree(fmt::format("120000 blob {}\tlink\n", blob("/etc/passwd")));
  auto cloned = clone_quietly(request("file://" + served() + "/acme/web.git"));
  ASSERT_TRUE(cloned) << cloned.error().message;
  EXPECT_EQ(std::filesystem::read_symlink(folder / "clone/link"), "/etc/passwd");
  EXPECT_EQ(git(folder / "clone", {"status", "--porcelain"}), "");
}

TEST_F(Hostile, SubmodulesMayNotReachThisMachine) {
  auto modules = blob("[submodule \"x\"]\n\tpath = x\n\turl = file://" + served() + "/acme/web.git\n");
  publish_tree(fmt::format("100644 blob {}\t.gitmodules\n160000 commit {}\tx\n", modules,
                           git(work_tree(), {"rev-parse", "HEAD"})));
  tests::GitHttpServer server(served());
  auto cloned = clone_quietly(request(server.url("acme/web.git")));
  ASSERT_FALSE(cloned);
  EXPECT_EQ(cloned.error().kind, Kind::denied) << cloned.error().message;
}

TEST_F(Hostile, SubmodulesMayNotClimb) {
  for (std::string name : {"../../hooks", "a/../../x", ".git"}) {
    auto modules = blob(fmt::format("[submodule \"{}\"]\n\tpath = x\n\turl = ../web.git\n", name));
    publish_tree(fmt::format("100644 blob {}\t.gitmodules\n160000 commit {}\tx\n", modules,
                             git(work_tree(), {"rev-parse", "HEAD"})));
    auto cloned = clone_quietly(request("file://" + served() + "/acme/web.git"));
    ASSERT_FALSE(cloned) << name;
    EXPECT_EQ(cloned.error().kind, Kind::corrupt) << cloned.error().message;
    std::filesystem::remove_all(folder / "cache");
  }
}

TEST_F(Hostile, HooksOfTheHostAreNotTaken) {
  auto cloned = clone_quietly(request("file://" + served() + "/acme/web.git"));
  ASSERT_TRUE(cloned) << cloned.error().message;
  EXPECT_TRUE(std::filesystem::is_empty(folder / "clone/.git/hooks"));
}

}  // namespace
}  // namespace photon::git
