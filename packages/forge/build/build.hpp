// The graph of recipes, what of it has to be built and why, and the building.
#pragma once
#include <string>
#include <vector>

#include "devenv/core/error.hpp"
#include "devenv/core/work.hpp"
#include "packages/forge/recipe/recipe.hpp"
#include "packages/forge/store/store.hpp"

namespace photon::forge {

/// Who must be built before whom. Edges come from BuildRequires that another recipe's packages provide.
struct Graph {
  std::vector<Recipe> recipes{};                  ///< by name
  std::vector<std::vector<std::size_t>> needs{};  ///< recipe → recipes that are built before it
  std::vector<std::vector<std::string>>
      cycles{};                      ///< names, each a closed walk; mended by an import or an error
  std::vector<std::size_t> order{};  ///< a build order of what is in no cycle
};
/// `provided` are the names that imports provide: an edge that closes a cycle is dropped where one does.
Graph make_graph(std::vector<Recipe> recipes, const std::vector<std::string>& provided);

enum class Outcome { built, reused, failed, blocked, skipped };
struct RecipeResult {
  std::string recipe{};
  Outcome outcome = Outcome::built;
  std::string why{};  ///< what changed, or what failed and where the log is
  std::vector<std::string> blocks{};
  Built built{};
};

struct BuildOptions {
  std::string packages{};  ///< the folder that holds specs/, imports/, macros
  std::string arch = "x86_64";
  std::vector<std::string> only{};  ///< with what they need; empty: all
  unsigned jobs = 2;
  bool check_reproducible = false;  ///< builds twice and compares
  bool keep_going = true;
  std::string events{};  ///< file of machine-readable events, one JSON object a line
};
/// Imports first, then the graph: each recipe whose key is not stored. Failures block what needs them and
/// hinder nothing else.
Result<std::vector<RecipeResult>> build_all(const BuildOptions& options, Store& store, const Work& work);

}  // namespace photon::forge
