// What is wrong with recipes, before anything is built.
#pragma once
#include "packages/forge/build/graph.hpp"

namespace photon::forge {

struct Finding {
  bool error = true;  ///< false: worth a look, nothing fails
  Error what{};
};
/// Specs that cannot be read, sources that nothing pins, BuildRequires that nobody provides, cycles, and pins
/// that can be fetched from nowhere. In the order of the recipes.
std::vector<Finding> findings_of(const Graph& graph, const std::vector<Unread>& unread);

}  // namespace photon::forge
