// An OCI image of one layer, as an archive that `ctr image import`, `podman load` and `skopeo` read
// (opencontainers/image-spec v1.1: image layout, manifest, config, layer).
#pragma once
#include <cstdint>
#include <string>

#include "devenv/core/work.hpp"
#include "images/imager/definition/definition.hpp"

namespace photon::images {

struct OciImage {
  std::string name{};  ///< of the reference: photon/NAME:latest
  std::string arch{};  ///< "x86_64": written as OCI says it, "amd64"
  Container container{};
  std::int64_t date = 0;  ///< created, and the latest time of any file
};

/// The tree below `root` in FILE. The same tree gives the same bytes: sorted, numbers for owners, no times
/// but those of contents, capabilities and no other extended attributes.
Result<void> write_oci(const OciImage& image, const std::string& root, const std::string& file,
                       const Work& work);

}  // namespace photon::images
