// A layer: the tree as a tar, and that compressed.
#pragma once
#include <cstdint>
#include <string>

#include "devenv/core/error.hpp"
#include "devenv/core/work.hpp"

namespace photon::images {

struct Layer {
  std::string diff_id{};  ///< sha256 digits of the tar
  std::string sha256{};   ///< of the compressed file
  std::uint64_t size = 0;
};
/// Writes FILE (zstd). FILE.tar is used on the way and removed.
Result<Layer> write_layer(const std::string& root, const std::string& file, std::int64_t date,
                          const Work& work);

}  // namespace photon::images
