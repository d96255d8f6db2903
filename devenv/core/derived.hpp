// Files that their owner can make again at any time.
#pragma once
#include <sys/types.h>
#include <string>
#include <string_view>

#include "devenv/core/error.hpp"

namespace photon {

/// As write_file, the old or the new content for everybody who looks; but not forced to the disk, which costs
/// milliseconds: after a power cut it may be missing or empty.
Result<void> write_derived(const std::string& path, std::string_view bytes, mode_t mode = 0600);

}  // namespace photon
