// A clone that was copied, and the marks of whoever relies on a mirror.
#include <sys/stat.h>

#include "devenv/core/copy_tree.hpp"
#include "tests/integration/git/suite.hpp"

namespace photon::git {
namespace {

class CopiedClone : public CloneSuite {
 protected:
  void SetUp() override {
    CloneSuite::SetUp();
    auto made = clone_quietly(request("file://" + served() + "/acme/web.git"));
    ASSERT_TRUE(made) << made.error().message;
    mirrors_ = made->mirrors;
    ASSERT_TRUE(copy_tree(folder / "clone", copy(), Work{}));
  }
  [[nodiscard]] std::string copy() const { return folder / "copy"; }
  /// Files that git would have to read to know whether they have changed.
  [[nodiscard]] std::string doubtful() const { return tests::git(copy(), {"diff-files", "--name-only"}); }

  std::vector<std::string> mirrors_;
};

TEST_F(CopiedClone, NoFileIsReadAgain) {
  ASSERT_NE(doubtful(), "") << "the index knows the files of the original";
  ASSERT_TRUE(copied(copy()));
  EXPECT_EQ(doubtful(), "");
  auto found = status(copy());
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->dirty, 0U);
  EXPECT_EQ(found->branch, "main");
}

TEST_F(CopiedClone, WhatWasChangedStaysChanged) {
  std::filesystem::remove_all(copy());
  tests::put(folder / "clone/README.md", "changed, and longer than before\n");
  ASSERT_TRUE(copy_tree(folder / "clone", copy(), Work{}));
  ASSERT_TRUE(copied(copy()));
  EXPECT_EQ(status(copy())->dirty, 1U);
}

TEST_F(CopiedClone, LinksOfAStrangerLeadNoWritingElsewhere) {
  auto elsewhere = folder / "elsewhere";
  ASSERT_TRUE(copy_tree(folder / "clone", elsewhere, Work{}));
  auto before = read_file(elsewhere + "/.git/index");
  ASSERT_TRUE(before);
  std::filesystem::rename(copy() + "/.git", copy() + "/was");
  std::filesystem::create_directory_symlink(elsewhere + "/.git", copy() + "/.git");
  EXPECT_TRUE(copied(copy()));
  std::filesystem::remove(copy() + "/.git");
  std::filesystem::rename(copy() + "/was", copy() + "/.git");
  std::filesystem::remove(copy() + "/.git/index");
  std::filesystem::create_symlink(elsewhere + "/.git/index", copy() + "/.git/index");
  EXPECT_TRUE(copied(copy()));
  EXPECT_TRUE(std::filesystem::is_symlink(copy() + "/.git/index"));
  EXPECT_EQ(read_file(elsewhere + "/.git/index").value_or(""), *before);
}

TEST_F(CopiedClone, AnotherBorrowerKeepsTheMirror) {
  ASSERT_TRUE(lend_on(mirrors_, "env-clone", "second"));
  ASSERT_TRUE(lend_on(mirrors_, "env-clone", "second")) << "twice is the same";
  ASSERT_TRUE(release(mirrors_, "env-clone"));
  EXPECT_EQ(gc(folder / "cache", Work{})->mirrors, 0U);
  EXPECT_EQ(tests::git(copy(), {"fsck"}), "");
  EXPECT_FALSE(lend_on(mirrors_, "env-clone", "third")) << "who borrows nothing lends nothing";
  ASSERT_TRUE(release_all(folder / "cache", "second"));
  EXPECT_EQ(gc(folder / "cache", Work{})->mirrors, 1U);
}

}  // namespace
}  // namespace photon::git
