// What others keep for us: packages in registries, archives behind an address. Fetching is injected; what
// comes in was bounded and, where a digest was named, checked against it.
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "devenv/spec/reference/package_name.hpp"

namespace photon::spec::reference {

struct PackageManifest {
  std::string bytes;
  std::string digest;
};

/// A package that was opened: the documents at its root that this library reads.
struct PackageContent {
  std::string digest;                              ///< of the whole archive
  std::map<std::string, std::string> documents{};  ///< by their names
};
inline constexpr std::string_view feature_document = "devcontainer-feature.json";
inline constexpr std::string_view old_feature_document = "devcontainer-features.json";

struct Packages {
  /// `version` is a tag or a digest. nullopt: the registry answers, and does not have or give it; told.
  std::function<Result<std::optional<PackageManifest>>(const PackageName&, const std::string& version)>
      manifest;
  /// Empty: nothing was published. nullopt: they are not to be had; told.
  std::function<std::optional<std::vector<std::string>>(const PackageName&)> tags;
  std::function<Result<PackageContent>(const PackageName&, const std::string& digest)> layer;
  std::function<Result<PackageContent>(const std::string& url)> archive;
  /// "ociAuthDiagnostics": what was noticed of logins up to now.
  std::function<Value()> diagnostics;
};

/// Of a run in which no registry was asked.
inline Value no_login_findings() {
  Object said;
  for (auto name :
       {"authLookupWouldBeBlocked", "registryRedirectWouldPreventCredentialForwarding", "authServerRedirect"})
    said.set(name, false);
  return said;
}

}  // namespace photon::spec::reference
