// Features as their authors publish them.
#pragma once
#include "tests/fixtures/tar.hpp"
#include "tests/integration/image/docker_registry.hpp"

namespace photon::fixtures {

struct Published {
  std::string metadata;  ///< devcontainer-feature.json
  std::string install;   ///< install.sh after its first line
};

/// The archive of a feature.
std::string archive_of(const Published& feature);
/// The manifest that a registry gives for that archive.
std::string manifest_of(const std::string& archive);
/// Pushes it; the digest of its manifest.
std::string publish(DockerRegistry& registry, const std::string& repository, const std::string& tag,
                    const Published& feature);

}  // namespace photon::fixtures
