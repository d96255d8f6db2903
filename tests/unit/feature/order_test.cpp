#include "devenv/feature/order.hpp"

#include <gmock/gmock.h>

namespace photon::feature {
namespace {

using testing::ElementsAre;

/// example.org/NAMESPACE/NAME:TAG with the digest of its own name.
Node node(const std::string& text, std::map<std::string, std::string> options = {}) {
  Node made;
  auto id = parse_id("example.org/" + text, "", {});
  EXPECT_TRUE(id) << text;
  made.feature.id = *id;
  made.feature.wish.id = text;
  made.feature.digest = text;
  made.feature.options = std::move(options);
  made.feature.metadata.id = split_resource(id->resource).second;
  return made;
}
Id name(const std::string& text) { return *parse_id("example.org/" + text, "", {}); }

std::vector<std::string> sorted(std::vector<Node> nodes) {
  auto features = in_order(std::move(nodes));
  if (!features) return {features.error().message};
  std::vector<std::string> names;
  for (const auto& feature : *features) names.push_back(feature.wish.id);
  return names;
}

TEST(FeatureOrder, WithoutNeedsByName) {
  EXPECT_THAT(sorted({node("x/f2"), node("x/f1"), node("a/z"), node("x/f3")}),
              ElementsAre("a/z", "x/f1", "x/f2", "x/f3"));
  EXPECT_THAT(sorted({node("x/f:9"), node("x/f:10")}), ElementsAre("x/f:10", "x/f:9")) << "tags are texts";
  EXPECT_THAT(sorted({node("x/a_b"), node("x/a-b")}), ElementsAre("x/a_b", "x/a-b"))
      << "as a dictionary sorts";
}

TEST(FeatureOrder, WhatIsNeededComesBefore) {
  std::vector<Node> nodes{node("x/a"), node("x/b"), node("x/c")};
  nodes[0].needs = {2};
  EXPECT_THAT(sorted(nodes), ElementsAre("x/b", "x/c", "x/a"));
  nodes[2].after = {name("x/b"), name("x/not-asked-for")};
  EXPECT_THAT(sorted(nodes), ElementsAre("x/b", "x/c", "x/a"));
  nodes[1].needs = {0};
  EXPECT_THAT(sorted(nodes), ElementsAre("features need each other in a circle: x/a, x/b, x/c"));
}

TEST(FeatureOrder, AfterMeansTheFeatureByItsFormerNamesToo) {
  std::vector<Node> nodes{node("x/a"), node("x/z")};
  nodes[1].feature.metadata.legacy_ids = {"old"};
  nodes[0].after = {name("x/old:3")};
  EXPECT_THAT(sorted(nodes), ElementsAre("x/z", "x/a"));
  nodes[0].after = {name("y/old")};
  EXPECT_THAT(sorted(nodes), ElementsAre("x/a", "x/z")) << "another namespace";
}

TEST(FeatureOrder, PrioritiesCountAmongThoseThatMayCome) {
  std::vector<Node> nodes{node("x/a"), node("x/b"), node("x/c"), node("x/d")};
  nodes[3].priority = 2;
  nodes[2].priority = 1;
  EXPECT_THAT(sorted(nodes), ElementsAre("x/d", "x/c", "x/a", "x/b"));
  nodes[3].needs = {1};
  EXPECT_THAT(sorted(nodes), ElementsAre("x/c", "x/a", "x/b", "x/d"));
}

TEST(FeatureOrder, OneFeatureWithTwoSetsOfOptionsIsTwo) {
  auto plain = node("x/f"), larger = node("x/f", {{"size", "large"}}),
       smaller = node("x/f", {{"size", "small"}});
  plain.feature.wish.id = "plain";
  larger.feature.wish.id = "large";
  smaller.feature.wish.id = "small";
  EXPECT_FALSE(same(plain.feature, larger.feature));
  EXPECT_TRUE(same(plain.feature, node("x/f").feature));
  EXPECT_THAT(sorted({smaller, larger, plain}), ElementsAre("plain", "large", "small"));
}

TEST(FeatureOrder, AFeatureMayNameItselfAmongThoseBefore) {
  std::vector<Node> nodes{node("x/a")};
  nodes[0].after = {name("x/a")};
  EXPECT_THAT(sorted(nodes), ElementsAre("x/a"));
}

}  // namespace
}  // namespace photon::feature
