// Clones through `devenv up URL`, and git as it works inside: the base image proper has one.
#include <sys/stat.h>

#include "tests/integration/environment/suite.hpp"

namespace photon::tests {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class CloneTest : public EnvironmentTest {
 protected:
  static void SetUpTestSuite() {
    EnvironmentTest::SetUpTestSuite();
    auto imported = home->devenv({"image", "import", base_image(), "--name", "devenv/base:latest"}, "/",
                                 std::chrono::seconds(120));
    ASSERT_EQ(imported.status, 0) << imported.err;
    root = *home / "served";
    auto work = *home / "work";
    make_project_repository(work, R"({"image": "devenv/base:latest", "remoteUser": "dev"})");
    for (int i = 0; i < 20; ++i) put(fmt::format("{}/file-{}", work, i), fmt::format("{}\n", i));
    commit(work, "More");
    git(work, {"tag", "v1"});
    git(work, {"checkout", "-q", "-b", "fix"});
    put(work + "/README.md", "# Fixed\n");
    commit(work, "Fix");
    fixed = git(work, {"rev-parse", "HEAD"}).substr(0, 40);
    git(work, {"update-ref", "refs/pull/7/head", "HEAD"});
    git(work, {"checkout", "-q", "main"});
    must_run({"git", "clone", "-q", "--mirror", work, root + "/acme/web.git"});
    server = std::make_unique<GitHttpServer>(root);
  }
  static void TearDownTestSuite() {
    server.reset();
    EnvironmentTest::TearDownTestSuite();
  }
  static void commit(const std::string& folder, const std::string& message) {
    git(folder, {"add", "-A"});
    git(folder, {"commit", "-q", "-m", message});
  }
  static std::string url() { return server->url("acme/web.git"); }
  static std::string head(const std::string& name) {
    return inside(name,
                  "git rev-parse HEAD; git symbolic-ref -q --short HEAD || echo detached; head -1 README.md");
  }

  inline static std::string root;
  inline static std::string fixed;
  inline static std::unique_ptr<GitHttpServer> server;
};

TEST_F(CloneTest, ABranchATagACommitAndAPullRequest) {
  const std::pair<const char*, std::string> cases[] = {
      {"#fix", "fix"}, {"#v1", "detached"}, {"#pull/7", "pull/7"}, {"@", "detached"}};
  for (const auto& [what, branch] : cases) {
    auto source = url() + what + (*what == '@' ? fixed : "");
    up("/", {"--name", "one", source});
    auto seen = head("one");
    EXPECT_THAT(seen, HasSubstr("\n" + branch + "\n")) << source;
    EXPECT_THAT(seen, HasSubstr(std::string(what) == "#v1" ? "# Web" : fixed + "\n")) << source;
    ASSERT_EQ(home->devenv({"rm", "--yes", "one"}).status, 0);
  }
  auto wrong = home->devenv({"up", url() + "#nowhere"});
  EXPECT_EQ(wrong.status, 3) << wrong.err;
  EXPECT_THAT(wrong.err, HasSubstr("has no branch, tag or commit nowhere"));
  EXPECT_TRUE(home->names().empty());
}

TEST_F(CloneTest, GitInsideFindsItsObjectsAndNothingToRead) {
  up("/", {url()});
  EXPECT_EQ(inside("web", "git status --porcelain; git log --oneline | wc -l; id -un"), "2\ndev\n");
  // Not one file was read again: git would have written a new index.
  EXPECT_EQ(inside("web",
                   "stat -c %i .git/index > /tmp/a; git -c core.checkStat=default status >/dev/null; "
                   "stat -c %i .git/index | cmp - /tmp/a && echo same"),
            "same\n");
  EXPECT_EQ(inside("web", "git fsck --connectivity-only 2>&1 | grep -vE '^(dangling|notice)'; echo done"),
            "done\n");
}

// The server is on this machine's loopback, which is another one inside: its folder is mounted instead.
TEST_F(CloneTest, CommitFetchAndPushInside) {
  auto work = *home / "pushed";
  make_project_repository(work, fmt::format(R"({{"image": "devenv/base:latest", "remoteUser": "dev",
                                                 "mounts": ["type=bind,source={},target=/served"]}})",
                                            root));
  must_run({"git", "clone", "-q", "--bare", work, root + "/acme/pushed.git"});
  must_run({"chmod", "-R", "a+rwX", root + "/acme/pushed.git"});
  up("/", {"--trust", server->url("acme/pushed.git")});
  EXPECT_EQ(inside("pushed",
                   "git config --global safe.directory '*' && git config --global user.name Dev && "
                   "git config --global user.email dev@localhost && "
                   "git remote set-url origin /served/acme/pushed.git && git fetch -q && "
                   "echo new > new && git add new && git commit -qm New && git status -sb | head -1 && "
                   "git push -q origin HEAD:refs/heads/more && git fetch -q && git branch -r | wc -l"),
            "## main...origin/main [ahead 1]\n3\n");
  EXPECT_EQ(must_run({"git", "--git-dir", root + "/acme/pushed.git", "log", "-1", "--format=%s", "more"}),
            "New");
}

TEST_F(CloneTest, AnotherUserInsideGetsTheFilesAndAnIndexThatFits) {
  auto work = *home / "as-root";
  make_project_repository(work, R"({"image": "devenv/base:latest", "remoteUser": "root"})");
  must_run({"git", "clone", "-q", "--bare", work, root + "/acme/as-root.git"});
  up("/", {server->url("acme/as-root.git")});
  EXPECT_EQ(inside("as-root", "id -u; stat -c %u . README.md .git/config .git/index"), "0\n0\n0\n0\n0\n");
  EXPECT_EQ(inside("as-root",
                   "stat -c %i .git/index > /tmp/a; git status --porcelain; "
                   "stat -c %i .git/index | cmp - /tmp/a && echo same"),
            "same\n");
}

TEST_F(CloneTest, SubmodulesAreThereAndWorkInside) {
  auto inner = *home / "inner";
  make_repository(inner, 3);
  must_run({"git", "clone", "-q", "--bare", inner, root + "/acme/inner.git"});
  auto outer = *home / "outer";
  make_project_repository(outer, R"({"image": "devenv/base:latest", "remoteUser": "dev"})");
  git(outer, {"-c", "protocol.file.allow=always", "submodule", "add", "-q", inner, "lib"});
  git(outer, {"config", "-f", ".gitmodules", "submodule.lib.url", "../inner.git"});
  commit(outer, "With a submodule");
  must_run({"git", "clone", "-q", "--bare", outer, root + "/acme/outer.git"});
  up("/", {server->url("acme/outer.git")});
  EXPECT_EQ(
      inside("outer",
             "git status --porcelain; git submodule status | cut -c1; git -C lib log --oneline | wc -l"),
      " \n1\n");
}

TEST_F(CloneTest, LfsPointersAreTold) {
  auto work = *home / "large";
  make_project_repository(work, R"({"image": "devenv/base:latest"})");
  put(work + "/.gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n");
  commit(work, "Large files elsewhere");
  must_run({"git", "clone", "-q", "--bare", work, root + "/acme/large.git"});
  up("/", {server->url("acme/large.git")});
  auto warnings = write_json(home->environment("large").at("warnings"));
  EXPECT_THAT(warnings, HasSubstr("files in Git LFS stay pointers: the image has no git-lfs"));
}

TEST_F(CloneTest, WhatAStrangerAsksOfThisMachineNeedsTrust) {
  auto work = *home / "stranger";
  auto mark = *home / "ran-here";
  make_project_repository(work, fmt::format(R"({{"image": "devenv/base:latest",
                                                 "initializeCommand": "echo ran >> {}"}})",
                                            mark));
  must_run({"git", "clone", "-q", "--bare", work, root + "/acme/stranger.git"});
  auto source = server->url("acme/stranger.git");
  auto asked = home->devenv({"up", source});
  EXPECT_EQ(asked.status, 4) << asked.err;
  EXPECT_THAT(asked.err, AllOf(HasSubstr("acme/stranger asks for what is outside of its container"),
                               HasSubstr("run here: echo ran >> " + mark), HasSubstr("devenv up --trust")));
  EXPECT_FALSE(std::filesystem::exists(mark));
  up("/", {"--trust", source});
  EXPECT_EQ(read_file(mark).value_or(""), "ran\n");
  ASSERT_EQ(home->devenv({"stop", "stranger"}).status, 0);
  up("/", {source});  // the same is not asked twice
  EXPECT_EQ(read_file(mark).value_or(""), "ran\nran\n");
}

TEST_F(CloneTest, SshWithAnAgentAndOnlyToAKnownHost) {
  TemporaryFolder folder;
  Sshd sshd(folder.path());
  SshAgent agent(folder.path(), sshd.key());
  auto source = sshd.url(root + "/acme/web.git");
  Home::Options options;
  options.variables = {{"SSH_AUTH_SOCK", agent.socket()}, {"HOME", folder.path()}};
  Home own(options);
  auto stranger = own.devenv({"up", source});
  EXPECT_EQ(stranger.status, 5) << stranger.err;
  EXPECT_THAT(stranger.err, HasSubstr("host key"));
  std::filesystem::create_directories(folder / ".ssh");
  std::filesystem::copy_file(sshd.known_hosts(), folder / ".ssh/known_hosts");
  auto known = own.devenv({"up", source + "#fix"});
  EXPECT_EQ(known.status, 0) << known.err;
  EXPECT_EQ(own.devenv({"exec", "web", "--", "head", "-1", "README.md"}).out, "# Fixed\n");
  EXPECT_EQ(own.devenv({"rm", "--yes", "web"}).status, 0);
  EXPECT_THAT(own.leftovers(), testing::IsEmpty());
}

}  // namespace
}  // namespace photon::tests
