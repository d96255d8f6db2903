#include "packages/forge/build/relation.hpp"

#include <gtest/gtest.h>

namespace photon::forge {
namespace {

std::string ways(std::string_view text) {
  std::string out;
  for (const auto& way : ways_to_satisfy(text)) {
    out += out.empty() ? "" : " | ";
    std::string one;
    for (const auto& relation : way) {
      one += (one.empty() ? "" : " + ") + relation.name + relation.sense + relation.version;
    }
    out += one;
  }
  return out;
}

TEST(ForgeRelation, PlainOnes) {
  EXPECT_EQ(ways("zlib"), "zlib");
  EXPECT_EQ(ways("zlib >= 1:1.3-2"), "zlib>=1:1.3-2");
  EXPECT_EQ(ways("pkgconfig(zlib) < 2"), "pkgconfig(zlib)<2");
  EXPECT_EQ(ways("/usr/bin/cmake"), "/usr/bin/cmake");
}

TEST(ForgeRelation, RichOnes) {
  EXPECT_EQ(ways("(clang or gcc)"), "clang | gcc");
  EXPECT_EQ(ways("(a and (b or c))"), "a + b | a + c");
  EXPECT_EQ(ways("(a >= 1 with a < 2)"), "a>=1");
  EXPECT_EQ(ways("(a without b)"), "a");
  EXPECT_EQ(ways("(a if b)"), "a");
  EXPECT_EQ(ways("(a if b else c)"), "a | c");
  EXPECT_EQ(ways("((a and pkgconfig(x)) or c)"), "a + pkgconfig(x) | c");
}

TEST(ForgeRelation, NonsenseIsBounded) {
  EXPECT_FALSE(ways_to_satisfy("").empty());
  EXPECT_FALSE(ways_to_satisfy("(").empty());
  EXPECT_FALSE(ways_to_satisfy("()").empty());
  EXPECT_FALSE(ways_to_satisfy(std::string(100'000, '(') + std::string(100'000, ')')).empty());
  std::string many = "(a or b)";
  for (int i = 0; i < 20; ++i) many = "(" + many + " and (c or d))";
  EXPECT_LE(ways_to_satisfy(many).size(), 64U);
}

TEST(ForgeRelation, VersionsOverlap) {
  auto met = [](std::string_view provide, std::string_view need) {
    return meets(relation_from(provide), relation_from(need));
  };
  EXPECT_TRUE(met("a = 1.3-1", "a"));
  EXPECT_TRUE(met("a", "a >= 9"));
  EXPECT_TRUE(met("a = 1.3-1", "a >= 1.3"));
  EXPECT_TRUE(met("a = 1.10-1", "a > 1.9"));
  EXPECT_FALSE(met("a = 1.3-1", "a > 1.3"));
  EXPECT_FALSE(met("a = 1.3-1", "a >= 1:1"));
  EXPECT_FALSE(met("a = 1.3-1", "b"));
  EXPECT_TRUE(met("a = 1.3-1", "a < 2"));
  EXPECT_FALSE(met("a = 2-1", "a < 2"));
  EXPECT_TRUE(met("a < 3", "a > 1"));
}

}  // namespace
}  // namespace photon::forge
