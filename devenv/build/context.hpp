// The files that a build may read, and their digest. Whoever runs us may be root, and the folder another
// person's: nothing outside of the repository is opened, whatever its links say.
#pragma once
#include <stop_token>
#include <string>
#include <vector>

#include "devenv/build/ignore.hpp"
#include "devenv/core/fd.hpp"

namespace photon::build {

struct Bounds {
  std::size_t entries = 500'000;
  std::uint64_t bytes = 16ULL << 30;
  unsigned levels = 100;
};

/// A folder that may be anywhere below `repository`; kind not_found: there is none.
Result<Fd> open_context(const std::string& repository, const std::string& path);
/// A file there; nullopt: there is none.
Result<std::optional<std::string>> read_below(const std::string& repository, const std::string& path,
                                              std::size_t limit);

/// 64 digits of all that is not left out: names, kinds, modes, bytes, where links lead; no times, no owners.
Result<std::string> digest_of(int folder, const Ignore& ignore, const Bounds& bounds,
                              const std::stop_token& stop);

}  // namespace photon::build
