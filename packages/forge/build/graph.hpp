// Who must be built before whom: a pure function of recipes.
#pragma once
#include <string>
#include <vector>

#include "packages/forge/recipe/recipe.hpp"

namespace photon::forge {

/// Edges come from BuildRequires that another recipe's packages provide.
struct Graph {
  std::vector<Recipe> recipes{};                   ///< by name
  std::vector<std::vector<std::size_t>> needs{};   ///< recipe → recipes that are built before it
  std::vector<std::vector<std::string>> cycles{};  ///< names, each a closed walk ("a", "b", "a")
  std::vector<std::size_t> order{};                ///< a build order of what is in no cycle and needs none
  /// Every recipe, those first that need nothing; recipes that need each other are in one group.
  std::vector<std::vector<std::size_t>> groups{};
  struct Need {
    std::size_t recipe = 0;
    std::string text{};
    bool operator==(const Need&) const = default;
  };
  std::vector<Need> mended{};  ///< edges of a cycle that an import takes over
  std::vector<Need> unmet{};   ///< what no recipe provides, and no name of `provided` is
};
/// `provided` are the names that imports provide: an edge that closes a cycle is dropped where one does.
Graph make_graph(std::vector<Recipe> recipes, const std::vector<std::string>& provided);

/// The longest chain of recipes that wait for each other, first to be built first; groups count as one.
/// `cost` gives seconds a recipe, in the order of `recipes`; empty: all alike.
std::vector<std::size_t> critical_path(const Graph& graph, const std::vector<double>& cost = {});

}  // namespace photon::forge
