// The files by which buildah knows registries, logins and rights; none of the machine's own count.
#pragma once
#include <string>
#include <vector>

#include "devenv/image/image.hpp"

namespace photon::build {

/// Registries of these images, each once. A name that is none is left to the builder's own words.
std::vector<std::string> registries_of(const std::vector<std::string>& images);

/// registries.conf (containers-registries.conf(5)): short names, mirrors and plain HTTP are those of
/// `options`.
std::string registries_conf(const std::vector<std::string>& registries,
                            const image::RegistryOptions& options);
/// containers.conf(5): what RUN may do.
std::string containers_conf();
/// containers-policy.json(5): digests are checked, signatures are not asked for.
std::string policy_json();
/// containers-auth.json(5) with the logins for these registries and their mirrors alone.
Result<Secret> auth_json(const std::vector<std::string>& registries, const image::RegistryOptions& options,
                         const image::Logins& logins, const std::stop_token& stop);

}  // namespace photon::build
