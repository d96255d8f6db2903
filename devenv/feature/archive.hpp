// The archive of a feature, unpacked with bounds.
#pragma once
#include <cstdint>
#include <stop_token>
#include <string>

#include "devenv/feature/tree.hpp"

namespace photon::feature {

/// What no feature needs more of.
struct Bounds {
  std::uint64_t bytes = 1ULL << 30;  ///< of all files together
  std::size_t entries = 20'000;
  /// Of bytes out to bytes in, once more than `free` came out: what grows faster is meant to fill a disk.
  std::uint64_t ratio = 100;
  std::uint64_t free = 32ULL << 20;
};

/// A tar, plain or compressed (core/filters.hpp), into `to`. Refused, each by name: absolute names and "..",
/// links out of the folder, devices, FIFOs and sockets, more than the bounds. Owners, times and set-id bits
/// are not taken over.
Result<void> unpack(const std::string& file, Tree& to, const Bounds& bounds, std::stop_token stop);

}  // namespace photon::feature
