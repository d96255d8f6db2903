// The graph of features: those that are asked for, all that they need, and what they come after.
#pragma once
#include <cstddef>
#include <vector>

#include "devenv/spec/reference/feature_source.hpp"

namespace photon::spec::reference {

struct FeatureNode {
  bool asked_for = false;  ///< by the configuration, not by another feature
  std::string id;          ///< as it is looked up: old short names are replaced
  Value options;
  FeatureSource source;
  Value said;                        ///< what is known of it, our own members first
  List aliases;                      ///< today's id and those of before; empty: nothing was said
  std::vector<std::size_t> depends;  ///< nodes that have to be installed before
  std::vector<std::size_t> after;    ///< nodes that come before if they come at all
  std::size_t priority = 0;          ///< from overrideFeatureInstallOrder; more is earlier
};

struct FeatureGraph {
  /// A node for each time that a feature is named: a need has a node of its own, equal to the one that is
  /// installed.
  std::vector<FeatureNode> nodes;
  std::vector<std::size_t> wanted;  ///< what is installed, each once
};

/// Which features, that others come after, are looked up.
enum class Soft {
  all,         ///< as the reference does
  that_count,  ///< those alone that may be one of the wanted
};

Result<FeatureGraph> feature_graph(const Object& asked, const Value& order, Soft soft,
                                   const FeatureInputs& inputs);

/// Below zero, zero or above, as the reference sorts them.
Result<int> compare_features(const FeatureNode& a, const FeatureNode& b);
/// The same feature with the same options.
Result<bool> same_feature(const FeatureNode& a, const FeatureNode& b);
/// Whether `node` is what others come after by the name of `soft`.
bool satisfies(const FeatureNode& node, const FeatureNode& soft);

/// Nodes in the order of installation: rounds of those whose needs are met, the highest priority alone,
/// sorted. A circle is an error.
Result<std::vector<std::size_t>> install_order(const FeatureGraph& graph);

/// The graph as a flow chart of Mermaid, to the letter of the reference's.
Result<std::string> flow_chart(const FeatureGraph& graph);

}  // namespace photon::spec::reference
