// Features of a devcontainer.json: found, read, fetched and put in order; what then is to be installed, and
// what they ask of the container. Nothing is installed here.
#pragma once
#include "devenv/feature/fetch.hpp"
#include "devenv/feature/lock.hpp"
#include "devenv/feature/options.hpp"
#include "devenv/feature/order.hpp"

namespace photon::feature {

struct Wanted {
  std::string workspace;    ///< folder on this machine that local features lie in
  std::string config_path;  ///< of the devcontainer.json
  std::vector<spec::FeatureWish> wishes;
  std::vector<std::string> order;  ///< overrideFeatureInstallOrder
  Lock lock;
  /// What an environment that exists was made from, by name: it counts more than the lock.
  std::map<std::string, std::string> pinned;
};

struct Resolution {
  std::vector<Feature> features;  ///< in the order of installation
  Lock lock;                      ///< of those that have versions
  std::map<std::string, std::string> pinned;
  std::vector<spec::Warning> warnings;
};

/// No request where all are pinned or locked, and in the store. Errors name the feature, and the place that
/// asks for it.
Result<Resolution> resolve(const Wanted& wanted, const Sources& sources, const Work& work);

/// The feature's metadata as an entry below the file.
spec::Below below(const Feature& feature);
/// "tools 1.2.0": for people.
std::string title(const Feature& feature);

}  // namespace photon::feature
