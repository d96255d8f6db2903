// Names of packages in registries, as the reference reads them.
#pragma once
#include <functional>
#include <optional>
#include <string>

#include "devenv/spec/reference/value.hpp"

namespace photon::spec::reference {

using Tell = std::function<void(std::string_view)>;

/// registry/namespace/id[:tag][@digest], in lower case. Every part is safe in an address.
struct PackageName {
  std::string scheme;  ///< "http" for the host localhost alone
  std::string id;
  std::string owner;       ///< the first part behind the registry
  std::string collection;  ///< all parts between registry and id: the namespace
  std::string registry;
  std::string resource;  ///< registry and path
  std::string path;      ///< namespace and id
  std::string version;   ///< what is asked for: the digest, else the tag
  std::optional<std::string> tag;
  std::optional<std::string> digest;

  /// "featureRef"
  [[nodiscard]] Value value() const;
};

/// nullopt: it is none, and `tell` has said why.
std::optional<PackageName> parse_package_name(std::string_view text, const Tell& tell);

/// The name of a collection: of what `publish` puts beside its packages. id is empty, the tag "latest".
std::optional<PackageName> collection_name(std::string_view registry, std::string_view collection,
                                           const Tell& tell);

/// Without what stands behind the last ':' or '@', if that is a version.
std::string without_version(std::string_view id);

/// Official features have had names of one word; what such a name means today, else `id`.
std::string of_today(const std::string& id);

/// The registry and namespace of the official features.
std::string official_features();

}  // namespace photon::spec::reference
