// Paths as text.
#include "devenv/spec/reference/paths.hpp"

#include <gtest/gtest.h>

namespace photon::spec::reference {
namespace {

TEST(Paths, AreJoinedAndResolved) {
  EXPECT_EQ(joined({"/a", "", "../b/./c/"}), "/b/c/");
  EXPECT_EQ(joined({"a", "../.."}), "..");
  EXPECT_EQ(joined({"/", ".."}), "/");
  EXPECT_EQ(joined({""}), ".");
  EXPECT_EQ(resolved({"/a/b", "../c/"}), "/a/c");
  EXPECT_EQ(resolved({"/a", "/b", "c"}), "/b/c");
  EXPECT_EQ(resolved({"/a", ""}), "/a");
  EXPECT_EQ(resolved({"/", "//x//y"}), "/x/y");
}

TEST(Paths, AreRelatedAndTakenApart) {
  EXPECT_EQ(relative("/a/b", "/a/b"), "");
  EXPECT_EQ(relative("/a/b", "/a/b/c/d"), "c/d");
  EXPECT_EQ(relative("/a/b", "/a/c"), "../c");
  EXPECT_EQ(base_name("/a/b/"), "b");
  EXPECT_EQ(base_name("/"), "");
  EXPECT_EQ(base_name("b"), "b");
  EXPECT_EQ(folder_of("/a/b"), "/a");
  EXPECT_EQ(folder_of("/a"), "/");
  EXPECT_EQ(folder_of("a"), ".");
}

}  // namespace
}  // namespace photon::spec::reference
