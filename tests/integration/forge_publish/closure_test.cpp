// Whatever is published can be installed from what is published.
#include "packages/forge/publish/closure.hpp"
#include "tests/integration/forge_publish/workshop.hpp"

namespace photon::forge::tests {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct Closed : PublishTest {
  Result<std::vector<std::string>> closed(std::vector<Built> packages, const std::vector<Built>& spare) {
    PHOTON_TRY(auto all, with_needs(std::move(packages), spare, "x86_64", *store_, {}));
    std::vector<std::string> names;
    for (const auto& each : all) names.push_back(each.recipe);
    return names;
  }
};

TEST_F(Closed, ToolsComeAlongWhereSomebodyNeedsThemAndTheirNeedsToo) {
  auto headers = built({.name = "headers", .needs = "tool"}), alone = built({.name = "alone"});
  std::vector<Built> spare = {built({.name = "compiler", .origin = Origin::import}),
                              built({.name = "tool", .needs = "tool-libs", .origin = Origin::import}),
                              built({.name = "tool-libs", .origin = Origin::import})};
  for (int turn = 0; turn < 2; ++turn) {  // the second is remembered
    auto names = closed({headers, alone}, spare);
    ASSERT_TRUE(names) << sentence(names.error());
    EXPECT_THAT(*names, ElementsAre("headers", "alone", "tool", "tool-libs"));
  }
  EXPECT_THAT(closed({alone}, spare).value(), ElementsAre("alone"));
}

TEST_F(Closed, WhatNothingBringsIsNamedAndNotRememberedAsWell) {
  auto pear = built({.name = "pear", .needs = "apple"}), fig = built({.name = "fig", .needs = "date"});
  auto names = closed({pear, fig}, {});
  ASSERT_FALSE(names);
  EXPECT_EQ(names.error().code, "publish.unresolved");
  EXPECT_THAT(names.error().message,
              testing::AllOf(HasSubstr("2 packages"), HasSubstr("needs apple"), HasSubstr("needs date")));
  ASSERT_TRUE(closed({pear, built({})}, {}));
}

TEST_F(Closed, AToolThatCannotBeInstalledIsNamed) {
  auto names = closed({built({.name = "headers", .needs = "tool"})},
                      {built({.name = "tool", .needs = "nothing-has-it", .origin = Origin::import})});
  ASSERT_FALSE(names);
  EXPECT_THAT(names.error().message, HasSubstr("nothing-has-it"));
}

}  // namespace
}  // namespace photon::forge::tests
