// A graph of recipes for Graphviz, and as JSON.
#pragma once
#include "devenv/core/json.hpp"
#include "packages/forge/build/graph.hpp"

namespace photon::forge {

/// "zlib", or "go 1.23" where several recipes have the name.
std::vector<std::string> labels_of(const Graph& graph);
std::string dot_of(const Graph& graph);
json::value json_of(const Graph& graph, const std::vector<Unread>& unread);

}  // namespace photon::forge
