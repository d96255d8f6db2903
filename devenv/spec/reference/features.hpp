// Features of a configuration: what they are called, what they say of themselves, in which order they come.
#pragma once
#include "devenv/spec/reference/feature_graph.hpp"

namespace photon::spec::reference {

/// {...features, ...the additional ones that are not among them}; ids of before that became options of
/// another feature are put into that one if `mapped`.
Object asked_features(const Value& config, const Value& additional, bool mapped);

/// "featuresConfiguration"; undefined: there are no features. Each one is opened.
Result<Value> features_configuration(const Value& config, const Value& additional,
                                     const FeatureInputs& inputs);

/// {installOrder: […]}: what is installed, by digest where there is one.
Value install_order_value(const FeatureGraph& graph, const std::vector<std::size_t>& order);

}  // namespace photon::spec::reference
