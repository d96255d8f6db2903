// Versions of the features of a configuration: which one is used, which one its tag means, which one is
// newest.
#pragma once
#include "devenv/spec/reference/feature_source.hpp"

namespace photon::spec::reference {

/// {features: {ID: {current?, wanted?, wantedMajor?, latest?, latestMajor?}}}, of registries alone.
Result<Value> versions_of_features(const Value& config, const FeatureInputs& inputs);
/// The same as a table.
std::string versions_table(const Value& versions);

}  // namespace photon::spec::reference
