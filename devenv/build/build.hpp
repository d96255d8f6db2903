// Images from Dockerfiles. buildah does the building (docs/decisions/018-dockerfile-builds.md): a child
// program in a sandbox of ours, with a storage of its own in which finished steps are kept.
#pragma once
#include "devenv/build/recipe.hpp"
#include "devenv/core/work.hpp"
#include "devenv/image/image.hpp"

namespace photon::build {

/// Where a build runs and what it gets; no part of the key.
struct Site {
  std::string data;     ///< a folder that is kept, on a disk: buildah's storage
  std::string id;       ///< of this run
  std::string scratch;  ///< a folder of this run alone
  std::string network;  ///< RUN's network namespace
  std::string resolv_conf;
  std::string runtime;  ///< "crun" or "runc"
  bool machine_root = false;
  std::string control_group;                    ///< of RUN: "/NAME/ID"; "" = none
  std::map<std::string, std::string> fetching;  ///< proxies for what buildah fetches
  std::map<std::string, std::string> proxies;   ///< those that RUN reaches
  const image::RegistryOptions& registries;
  const image::Logins& logins;
};

/// Kind unavailable, with the line that mends it.
Result<void> usable();

/// The code of an error: the context is not what the recipe's key says any more.
inline constexpr std::string_view changing = "build.changing";

/// Builds and brings the image into the store as `recipe.name()`. `line` gets what is printed as it comes.
/// The error of a step names it, its line, its exit status and the last output; steps before it are kept.
Result<image::ImageConfig> make(const Recipe& recipe, const Site& site, image::Images& images,
                                const std::function<void(std::string_view)>& line, const Work& work);

/// Whether there is a storage in that folder.
bool is_made(const std::string& data);
/// Makes the storage, or takes away what a run that was cut short has left there; nobody else may be at work
/// in it.
Result<void> tidy(const Site& site, const std::stop_token& stop);
/// The storage's names for these images; their steps go with them. The same.
Result<void> forget(const Site& site, const std::vector<std::string>& images, const std::stop_token& stop);

}  // namespace photon::build
