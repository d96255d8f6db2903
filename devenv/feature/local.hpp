// Features that lie in the workspace. Whoever runs us may be root, and the folder another person's: nothing
// outside of the workspace is read, whatever its links say.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "devenv/unpack/tree.hpp"
#include "devenv/unpack/unpack.hpp"

namespace photon::feature {

struct LocalFile {
  std::string path;     ///< from the feature's folder on
  std::string link;     ///< where a symbolic link leads; "" = a file
  std::string content;  ///< of a file
  bool executable = false;
};

/// All files of `workspace`/`path`, sorted by name. Bounds as for an archive; kind not_found: no such folder.
Result<std::vector<LocalFile>> read_local(const std::string& workspace, const std::string& path,
                                          const unpack::Bounds& bounds);
/// "sha256:…" of names, modes and bytes.
std::string digest_of(const std::vector<LocalFile>& files);
Result<void> write_local(const std::vector<LocalFile>& files, unpack::Tree& to);

}  // namespace photon::feature
