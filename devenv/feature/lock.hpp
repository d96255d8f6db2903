// devcontainer-lock.json: which version of each feature a repository was last built with.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "devenv/core/error.hpp"

namespace photon::feature {

struct Locked {
  std::string version;
  std::string resolved;   ///< "REGISTRY/PATH@sha256:…", or an archive's address
  std::string integrity;  ///< digest of the manifest, or of the archive
  std::vector<std::string> depends_on;
  bool operator==(const Locked&) const = default;
};
/// By the name that the feature is asked for.
using Lock = std::map<std::string, Locked>;

/// The lock file that belongs to a devcontainer.json.
std::string lock_path(const std::string& config_path);

/// An empty file is an empty lock. `file` is what errors call it.
Result<Lock> parse_lock(std::string_view text, const std::string& file);
/// As the reference writes it: sorted as it sorts, indented by two blanks, with a final newline.
std::string write_lock(const Lock& lock);

}  // namespace photon::feature
