// In which order features are installed.
#pragma once
#include "devenv/feature/id.hpp"
#include "devenv/feature/metadata.hpp"

namespace photon::feature {

/// One to be installed: what was asked for, what came of it.
struct Feature {
  Id id;
  spec::FeatureWish wish;
  std::string digest;
  std::string files;  ///< its folder on this machine
  Metadata metadata;
  std::map<std::string, std::string> options;  ///< chosen ones, by name
};

/// A feature and what comes before it.
struct Node {
  Feature feature;
  std::vector<std::size_t> needs;  ///< among all nodes: have to be there
  std::vector<Id> after;           ///< come before it if they are there at all
  std::size_t priority = 0;        ///< more is earlier
};

/// Whether they are one: the same content with the same options.
bool same(const Feature& a, const Feature& b);

/// Whether a name without version, from another feature or overrideFeatureInstallOrder, means this one, now
/// or by one of its former names.
bool is_meant(const Feature& feature, const Id& by);

/// Rounds of those whose needs are met, of them those of the highest priority, sorted. A circle is an error
/// that names its members.
Result<std::vector<Feature>> in_order(std::vector<Node> nodes);

}  // namespace photon::feature
