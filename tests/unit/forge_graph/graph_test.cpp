// The order in which recipes are built, and the cycles that forbid one.
#include "packages/forge/build/graph.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace photon::forge {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

/// A recipe of version 1-1 that makes the package of its name and needs others.
Recipe a(const std::string& name, std::vector<std::string> needs = {}) {
  Recipe recipe{.name = name, .version = "1", .release = "1"};
  recipe.packages = {{.name = name, .provides = {name + " = 1-1"}}};
  recipe.build_requires = std::move(needs);
  return recipe;
}

std::vector<std::string> names(const Graph& graph, const std::vector<std::size_t>& list) {
  std::vector<std::string> out;
  for (auto one : list) out.push_back(graph.recipes[one].name);
  return out;
}

std::vector<std::string> needs(const Graph& graph, std::string_view name) {
  for (std::size_t i = 0; i < graph.recipes.size(); ++i)
    if (graph.recipes[i].name == name) return names(graph, graph.needs[i]);
  return {"?"};
}

TEST(ForgeGraph, WhatIsNeededComesFirst) {
  auto graph = make_graph({a("app", {"library", "tool"}), a("library", {"tool"}), a("tool")}, {});
  EXPECT_THAT(names(graph, graph.order), ElementsAre("tool", "library", "app"));
  EXPECT_THAT(needs(graph, "app"), UnorderedElementsAre("library", "tool"));
  EXPECT_THAT(graph.cycles, IsEmpty());
  EXPECT_THAT(graph.unmet, IsEmpty());
}

TEST(ForgeGraph, SubpackagesPathsAndConfigurationFilesNameTheirRecipe) {
  auto library = a("libgreat");
  library.packages.push_back(
      {.name = "libgreat-devel",
       .provides = {"libgreat-devel = 1-1"},
       .files = {"/usr/lib/pkgconfig/great.pc", "/usr/lib/cmake/Great", "/usr/lib/libgreat.so"}});
  auto tool = a("tool");
  tool.packages[0].files = {"/usr/bin/tool", "/usr/bin/tool-*"};
  auto python = a("python3");
  python.packages[0].files = {"/usr/lib/pkgconfig/*.pc", "/usr/bin/*"};
  for (std::string need : {"libgreat-devel >= 1", "pkgconfig(great)", "cmake(great)", "/usr/lib/libgreat.so"})
    EXPECT_THAT(needs(make_graph({a("app", {need}), library, tool, python}, {}), "app"),
                ElementsAre("libgreat"))
        << need;
  for (std::string need : {"/bin/tool", "/usr/bin/tool-ranlib"})
    EXPECT_THAT(needs(make_graph({a("app", {need}), library, tool, python}, {}), "app"), ElementsAre("tool"))
        << need;
  EXPECT_THAT(needs(make_graph({a("app", {"pkgconfig(python3)"}), library, tool, python}, {}), "app"),
              ElementsAre("python3"));
  auto none = make_graph({a("app", {"pkgconfig(zlib)"}), library, tool, python}, {});
  EXPECT_THAT(none.unmet, ElementsAre(Graph::Need{0, "pkgconfig(zlib)"}));
}

TEST(ForgeGraph, RichRequirementsTakeTheFirstWayThatThereIs) {
  EXPECT_THAT(needs(make_graph({a("app", {"(clang or gcc)"}), a("gcc")}, {}), "app"), ElementsAre("gcc"));
  EXPECT_THAT(needs(make_graph({a("app", {"(gcc and make)"}), a("gcc"), a("make")}, {}), "app"),
              ElementsAre("gcc", "make"));
  EXPECT_THAT(make_graph({a("app", {"(gcc and make)"}), a("gcc")}, {}).unmet,
              ElementsAre(Graph::Need{0, "(gcc and make)"}));
  EXPECT_THAT(make_graph({a("app", {"(gcc and make)"}), a("gcc")}, {"make"}).unmet, IsEmpty());
}

TEST(ForgeGraph, TheVersionDecides) {
  auto elder = a("go"), newer = a("go"), app = a("app", {"go >= 2"});
  newer.version = "2";
  newer.packages[0].provides = {"go = 2-1"};
  auto graph = make_graph({elder, app, newer}, {});
  ASSERT_EQ(graph.needs[0].size(), 1U);
  EXPECT_EQ(graph.recipes[graph.needs[0][0]].version, "2");
  EXPECT_THAT(make_graph({a("go"), a("app", {"go >= 2"})}, {}).unmet, ElementsAre(Graph::Need{0, "go >= 2"}));
}

TEST(ForgeGraph, ACycleIsNamedAndHindersWhatNeedsIt) {
  auto graph = make_graph({a("a", {"b"}), a("b", {"c"}), a("c", {"a"}), a("user", {"a"}), a("free")}, {});
  EXPECT_THAT(graph.cycles, ElementsAre(ElementsAre("a", "b", "c", "a")));
  EXPECT_THAT(names(graph, graph.order), ElementsAre("free"));
  ASSERT_EQ(graph.groups.size(), 3U);
  EXPECT_THAT(names(graph, graph.groups[0]), ElementsAre("a", "b", "c"));
}

TEST(ForgeGraph, WhatNeedsItselfIsACycleOfOne) {
  auto graph = make_graph({a("go", {"go"})}, {});
  EXPECT_THAT(graph.cycles, ElementsAre(ElementsAre("go", "go")));
  EXPECT_THAT(graph.order, IsEmpty());
}

TEST(ForgeGraph, EveryCycleOfAKnotIsNamed) {
  auto graph = make_graph({a("a", {"b", "c"}), a("b", {"a"}), a("c", {"a"})}, {});
  EXPECT_THAT(graph.cycles, UnorderedElementsAre(ElementsAre("a", "b", "a"), ElementsAre("a", "c", "a")));
}

TEST(ForgeGraph, AnImportMendsACycleAndNothingElse) {
  auto graph = make_graph({a("gcc", {"glibc"}), a("glibc", {"gcc"}), a("app", {"gcc"})}, {"gcc"});
  EXPECT_THAT(graph.cycles, IsEmpty());
  EXPECT_THAT(names(graph, graph.order), ElementsAre("glibc", "gcc", "app"));
  EXPECT_THAT(needs(graph, "app"), ElementsAre("gcc"));
  ASSERT_EQ(graph.mended.size(), 1U);
  EXPECT_EQ(graph.recipes[graph.mended[0].recipe].name, "glibc");
  EXPECT_EQ(graph.mended[0].text, "gcc");
}

TEST(ForgeGraph, TheLongestChainIsTheCriticalPath) {
  auto graph = make_graph({a("app", {"library", "slow"}), a("library", {"tool"}), a("tool"), a("slow")}, {});
  EXPECT_THAT(names(graph, critical_path(graph)), ElementsAre("tool", "library", "app"));
  EXPECT_THAT(names(graph, critical_path(graph, {1, 1, 10, 1})), ElementsAre("slow", "app"));
  EXPECT_THAT(critical_path(make_graph({}, {})), IsEmpty());
}

TEST(ForgeGraph, AChainOfAHundredThousandDoesNotOverflow) {
  std::vector<Recipe> recipes;
  for (int i = 0; i < 100'000; ++i)
    recipes.push_back(a(fmt::format("r{:06}", i),
                        i > 0 ? std::vector{fmt::format("r{:06}", i - 1)} : std::vector<std::string>{}));
  EXPECT_EQ(make_graph(std::move(recipes), {}).order.size(), 100'000U);
}

}  // namespace
}  // namespace photon::forge
