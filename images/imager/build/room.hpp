// Whether there is room: on the machine's disk for what is made, on the image's disk for what is installed.
#pragma once
#include <string>
#include <vector>

#include "images/imager/definition/definition.hpp"
#include "images/imager/root/root.hpp"

namespace photon::images {

/// no_space "image.space" with what is needed and what is left in `output`.
Result<void> check_space(const Plan& plan, const std::vector<Format>& formats, const std::string& output);

/// Bytes that the tree below `root` takes in an ext4 file system of its own, and so the disk's least size.
Result<std::uint64_t> least_disk(const std::string& root, std::uint64_t esp_size);

/// The same where mke2fs has said it; other errors as they are.
Error of_the_disk(Error error, const Definition& definition);

/// usage "image.full" at the definition's `size`, with what is needed and what is given.
Result<void> check_disk(const Definition& definition, const std::string& root);

}  // namespace photon::images
