#include "devenv/feature/local.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "tests/fixtures/temp_folder.hpp"

namespace photon::feature {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class FeatureLocal : public testing::Test {
 protected:
  void put(const std::string& name, const std::string& text) {
    auto path = fs::path(workspace()) / name;
    fs::create_directories(path.parent_path());
    ASSERT_TRUE(write_file(path, text, 0644));
  }
  std::string workspace() const { return folder_.path + "/workspace"; }
  Result<std::vector<LocalFile>> files() { return read_local(workspace(), ".devcontainer/tools", {}); }
  fixtures::TempFolder folder_;
};

TEST_F(FeatureLocal, ItsDigestIsThatOfNamesModesAndBytes) {
  put(".devcontainer/tools/install.sh", "true\n");
  put(".devcontainer/tools/a/b", "text");
  fs::create_symlink("install.sh", workspace() + "/.devcontainer/tools/link");
  auto first = files();
  ASSERT_TRUE(first) << first.error().message;
  ASSERT_EQ(first->size(), 3U);
  EXPECT_EQ((*first)[0].path, "a/b");
  auto digest = digest_of(*first);
  EXPECT_EQ(digest_of(*files()), digest);
  put(".devcontainer/tools/a/b", "other");
  EXPECT_NE(digest_of(*files()), digest);
  put(".devcontainer/tools/a/b", "text");
  EXPECT_EQ(digest_of(*files()), digest);
  fs::permissions(workspace() + "/.devcontainer/tools/install.sh", fs::perms(0755));
  EXPECT_NE(digest_of(*files()), digest);

  auto tree = unpack::Tree::open(folder_.path + "/copy");
  ASSERT_TRUE(tree);
  ASSERT_TRUE(write_local(*files(), *tree));
  EXPECT_EQ(read_file(folder_.path + "/copy/link").value(), "true\n");
}

TEST_F(FeatureLocal, NothingOutsideOfTheWorkspaceIsRead) {
  put(".devcontainer/tools/install.sh", "true\n");
  ASSERT_TRUE(write_file(folder_.path + "/secret", "secret"));
  fs::create_directory_symlink(folder_.path, workspace() + "/.devcontainer/outside");
  auto read = read_local(workspace(), ".devcontainer/outside", {});
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message, HasSubstr("leads out of the workspace"));
  // In the feature a link is copied as one, and one that leads out is refused when it is written.
  fs::create_symlink("../../../secret", workspace() + "/.devcontainer/tools/link");
  auto tree = unpack::Tree::open(folder_.path + "/copy");
  ASSERT_TRUE(tree);
  auto written = write_local(*files(), *tree);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, "archive.refused");
}

TEST_F(FeatureLocal, WhatIsNoFileIsRefused) {
  put(".devcontainer/tools/install.sh", "true\n");
  ASSERT_EQ(::mkfifo((workspace() + "/.devcontainer/tools/pipe").c_str(), 0600), 0);
  auto read = files();
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message, HasSubstr("pipe is neither file, folder nor link"));
  EXPECT_EQ(read_local(workspace(), ".devcontainer/none", {}).error().kind, Kind::not_found);
}

}  // namespace
}  // namespace photon::feature
