// Features of a configuration: what they are called, what they say of themselves, in which order they come.
#pragma once
#include <functional>

#include "devenv/spec/reference/value.hpp"

namespace photon::spec::reference {

struct FeatureInputs {
  std::string config_path;   ///< of the devcontainer.json; "" = there is none
  std::string workspace;     ///< local features lie in its .devcontainer
  std::string store_folder;  ///< the name of the reference's temporary folder; it is not made
  std::function<Result<std::string>(const std::string& path)> read;
};

/// "featuresConfiguration"; undefined: there are no features. Only local ones are known yet: another is an
/// error of code `not_yet`.
Result<Value> features_configuration(const Value& config, const Value& additional,
                                     const FeatureInputs& inputs);

inline constexpr std::string_view not_yet = "reference.not-yet";

/// A feature by its folder and options: what tells two apart.
struct FeatureKey {
  std::string path;
  Value options;
};
struct FeatureNode {
  std::string id;  ///< as the user, or another feature, names it
  FeatureKey key;
  Value said;                       ///< its devcontainer-feature.json over our own members
  std::vector<FeatureKey> depends;  ///< what has to be installed before
  std::vector<std::string> after;   ///< folders of what comes before if it comes at all
  std::size_t priority = 0;         ///< from overrideFeatureInstallOrder; more is earlier
};

/// The order of installation: rounds of those whose needs are met, the highest priority alone, sorted. A
/// circle is an error.
Result<std::vector<FeatureNode>> install_order(std::vector<FeatureNode> nodes);

/// Below zero, zero or above, as the reference sorts them.
Result<int> compare_features(const FeatureKey& a, const FeatureKey& b);

}  // namespace photon::spec::reference
