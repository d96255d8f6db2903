// Files of a folder whose owner may have laid links in it.
#include "devenv/core/beneath.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>

#include "tests/fixtures/temp_folder.hpp"

namespace photon {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

struct Beneath : testing::Test {
  Beneath() {
    fs::create_directories(top + "/in");
    EXPECT_TRUE(write_file(folder.path + "/secret", "secret"));
  }
  fixtures::TempFolder folder;
  std::string top = folder.path + "/top";
};

TEST_F(Beneath, FilesAreReadAndReplacedWhole) {
  EXPECT_FALSE(read_beneath(top, "in/lock", 100, "the workspace").value());
  ASSERT_TRUE(write_beneath(top, "in/lock", "one", "the workspace"));
  EXPECT_EQ(read_beneath(top, "in/lock", 100, "the workspace").value(), "one");
  EXPECT_FALSE(read_beneath(top, "in/lock", 2, "the workspace")) << "more than was asked for";
  EXPECT_EQ(std::distance(fs::directory_iterator(top + "/in"), {}), 1) << "nothing is left beside it";
}

TEST_F(Beneath, NoLinkLeadsOut) {
  fs::create_symlink("../../secret", top + "/in/lock");
  auto read = read_beneath(top, "in/lock", 100, "the workspace");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, "path.outside");
  EXPECT_THAT(read.error().message, HasSubstr("leads out of the workspace"));
  ASSERT_TRUE(write_beneath(top, "in/lock", "two", "the workspace"));
  EXPECT_EQ(read_file(folder.path + "/secret").value(), "secret") << "the link was replaced";
  fs::remove_all(top + "/in");
  fs::create_directory_symlink(folder.path, top + "/in");
  EXPECT_FALSE(write_beneath(top, "in/lock", "three", "the workspace"));
  EXPECT_FALSE(fs::exists(folder.path + "/lock"));
  EXPECT_FALSE(read_beneath(top, "../secret", 100, "the workspace"));
}

TEST_F(Beneath, LinksWithinAreFollowedUnlessTheyAreNotWanted) {
  ASSERT_TRUE(write_file(top + "/in/file", "here"));
  fs::create_symlink("in/file", top + "/link");
  EXPECT_EQ(read_beneath(top, "link", 100, "it").value(), "here");
  Fd fd = open_fd(top, O_RDONLY | O_DIRECTORY).value();
  EXPECT_TRUE(open_beneath(fd.get(), "in/file", O_RDONLY, "it", Links::none));
  EXPECT_FALSE(open_beneath(fd.get(), "link", O_RDONLY, "it", Links::none));
}

}  // namespace
}  // namespace photon
