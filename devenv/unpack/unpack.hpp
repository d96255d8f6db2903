// Archives of strangers, read within bounds: what of them leads outside, or is neither file, folder nor link,
// is refused.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "devenv/core/error.hpp"

namespace photon::unpack {

class Tree;

/// What no feature or template needs more of.
struct Bounds {
  std::uint64_t bytes = 1ULL << 30;  ///< of all files together
  std::size_t entries = 20'000;
  /// Of bytes out to bytes in, once more than `free` came out: what grows faster is meant to fill a disk.
  std::uint64_t ratio = 100;
  std::uint64_t free = 32ULL << 20;
};

struct Entry {
  enum class Kind { file, folder, link, same_file } kind = Kind::file;
  std::string name;     ///< relative, without "." and "..": below the place that it is unpacked to
  std::string written;  ///< the same as the archive has it
  std::string target;   ///< of a link: as written, and inside; of the same file: the name of a file before
  bool executable = false;
};

using Sink = std::function<Result<void>(std::string_view)>;
/// The bytes of a file, once, and only while it is visited.
using Read = std::function<Result<void>(const Sink&)>;
using Visit = std::function<Result<void>(const Entry&, const Read&)>;

/// A tar, plain or compressed (core/filters.hpp).
struct Packed {
  std::string what;  ///< what errors call it: "the feature's archive"
  std::string file;  ///< on disk; empty: `bytes`
  std::string_view bytes{};
};

/// Each entry in its order. Errors are of kind corrupt, "archive.refused" or "archive.bounds".
Result<void> each_entry(const Packed& packed, const Visit& visit, const Bounds& bounds, std::stop_token stop);

/// All of it into `to`, made to last. Owners, times and set-id bits are not taken over; a second name of a
/// file becomes a second file.
Result<void> unpack(const Packed& packed, Tree& to, const Bounds& bounds, std::stop_token stop);

/// A path without ".", ".." and doubled slashes; nullopt: it climbs above where it begins.
std::optional<std::string> normal_path(std::string_view path);

/// Whether a link at `path` to `target` stays below where the path begins.
bool stays_inside(std::string_view path, std::string_view target);

}  // namespace photon::unpack
