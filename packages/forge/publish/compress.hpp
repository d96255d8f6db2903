// zstd, through libarchive: what the repository's metadata and its lists are written in.
#pragma once
#include <string>
#include <string_view>

#include "devenv/core/error.hpp"

namespace photon::forge {

/// One frame; the same bytes each time.
Result<std::string> compress_zstd(std::string_view bytes);
/// corrupt "publish.compressed" for what is no zstd or gives more than `limit` bytes.
Result<std::string> decompress(std::string_view bytes, std::size_t limit);

}  // namespace photon::forge
