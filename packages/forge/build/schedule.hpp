// The graph's recipes in order and in parallel: the heart of `build_all`, with everything read already.
#pragma once
#include <vector>

#include "packages/forge/build/build.hpp"
#include "packages/forge/build/one.hpp"

namespace photon::forge {

/// One result for each recipe that was asked for, in the order of the graph's names. An error of its own only
/// where nothing can go on (stopped, events not writable, a name that no recipe has).
Result<std::vector<RecipeResult>> run_graph(const Graph& graph, const Site& site, const Work& work);

}  // namespace photon::forge
