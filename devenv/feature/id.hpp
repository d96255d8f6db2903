// What a feature is called, and by that where it comes from.
#pragma once
#include <string>

#include "devenv/image/image.hpp"

namespace photon::feature {

enum class Sort {
  registry,  ///< REGISTRY/PATH[:TAG][@DIGEST], in any OCI registry
  archive,   ///< https://…/devcontainer-feature-NAME.tgz
  local      ///< ./NAME or ../NAME: a folder beside the devcontainer.json
};

struct Id {
  Sort sort = Sort::registry;
  std::string text;            ///< as written
  image::Reference reference;  ///< of a registry
  /// What is the same for all versions: "REGISTRY/PATH", the address, or the folder below the workspace.
  std::string resource;
};

/// `folder` is that of the devcontainer.json, from the workspace on ("" = the workspace itself): local ones
/// lie in `.devcontainer`. Errors have no place: the caller knows it.
Result<Id> parse_id(const std::string& text, const std::string& folder,
                    const image::RegistryOptions& options);

/// "REGISTRY/NAMESPACE" and "NAME" of the resource of a registry.
std::pair<std::string, std::string> split_resource(const std::string& resource);

}  // namespace photon::feature
