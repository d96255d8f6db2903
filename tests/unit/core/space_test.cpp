#include "devenv/core/space.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "devenv/core/fd.hpp"
#include "tests/fixtures/temp_folder.hpp"

namespace photon {
namespace {

TEST(Space, CountsWhatIsAllocatedAndAFileOfTwoNamesOnce) {
  fixtures::TempFolder folder;
  EXPECT_EQ(space_of(folder.path), 0U);
  ASSERT_TRUE(write_file(folder.path + "/file", std::string(1 << 20, 'x')));
  auto once = space_of(folder.path);
  EXPECT_GE(once, 1U << 20);
  EXPECT_LT(once, (1U << 20) + (64U << 10));
  ASSERT_EQ(::link((folder.path + "/file").c_str(), (folder.path + "/again").c_str()), 0);
  EXPECT_EQ(space_of(folder.path), once);
  // A link out of it, and a hole, take nothing.
  std::filesystem::create_symlink("/usr", folder.path + "/link");
  ASSERT_TRUE(write_file(folder.path + "/hole", ""));
  ASSERT_EQ(::truncate((folder.path + "/hole").c_str(), 1 << 30), 0);
  EXPECT_LT(space_of(folder.path), once + (64U << 10));
  EXPECT_EQ(space_of(folder.path + "/none"), 0U);
}

}  // namespace
}  // namespace photon
