// lock.toml: the bytes of each package of the distribution, for each architecture.
#pragma once
#include <map>
#include <string>

#include "devenv/core/error.hpp"

namespace photon::forge {

struct Locked {
  std::string version{};
  std::string sha256{};
  std::uint64_t size = 0;
  std::string path{};     ///< in the archive, for people
  std::string depends{};  ///< Pre-Depends and Depends
  std::string provides{};
  bool operator==(const Locked&) const = default;
};

/// architecture ("x86_64") → package of the distribution → its row.
using Lock = std::map<std::string, std::map<std::string, Locked>>;

/// No file: no rows. usage "forge.lock" with the line for what does not parse.
Result<Lock> read_lock(const std::string& folder);
Result<void> write_lock(const std::string& folder, const Lock& lock);

}  // namespace photon::forge
