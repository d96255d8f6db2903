#include <gtest/gtest.h>

#include "packages/rpm/package.hpp"

namespace photon::rpm {
namespace {

int order(std::string_view left, std::string_view right) { return compare(evr_from(left), evr_from(right)); }

TEST(Evr, IsOrderedAsRpmOrders) {
  EXPECT_LT(order("1.9-1", "1.10-1"), 0);
  EXPECT_LT(order("9-1", "1:1-1"), 0);
  EXPECT_EQ(order("0:1-1", "1-1"), 0);
  EXPECT_LT(order("1.0~rc1-1", "1.0-1"), 0);
  EXPECT_GT(order("1.0^git1-1", "1.0-1"), 0);
  EXPECT_LT(order("1.0^git1-1", "1.0.1-1"), 0);
  EXPECT_LT(order("2-1", "2-2"), 0);
  EXPECT_EQ(order("2", "2-7"), 0);
}

TEST(Evr, IsReadAndWritten) {
  EXPECT_EQ(evr_from("1:2.3-4"), (Evr{"1", "2.3", "4"}));
  EXPECT_EQ(evr_from("2.3"), (Evr{"", "2.3", ""}));
  EXPECT_EQ(evr_from("a:b"), (Evr{"", "a:b", ""}));
  EXPECT_EQ(to_string(Evr{"0", "2.3", "4"}), "2.3-4");
  EXPECT_EQ(to_string(Nevra{"bash", {"1", "5", "2"}, "x86_64"}), "bash-1:5-2.x86_64");
}

}  // namespace
}  // namespace photon::rpm
