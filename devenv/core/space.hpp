// What a folder takes on its disk.
#pragma once
#include <cstdint>
#include <string>

namespace photon {

/// Bytes that are allocated for all below it, a file of several names once. What may not be read counts as
/// nothing.
std::uint64_t space_of(const std::string& folder);

}  // namespace photon
