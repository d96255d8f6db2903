// Of a directed graph of numbers: what is strongly connected, in an order, and the cycles in it.
#pragma once
#include <cstddef>
#include <vector>

namespace photon::forge {

using Needs = std::vector<std::vector<std::size_t>>;

/// Groups of nodes that reach each other; a group comes after all that it needs, nodes rise within one.
std::vector<std::vector<std::size_t>> strong_components(const Needs& needs);
/// Closed walks (the first node is the last, too) so many that without one edge of each nothing would be
/// circular; each is the shortest through its first node.
std::vector<std::vector<std::size_t>> cycles_of(const Needs& needs, const std::vector<std::size_t>& group);

}  // namespace photon::forge
