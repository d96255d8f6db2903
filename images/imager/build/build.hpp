// From a definition to files that boot: solved, installed, written in the formats asked for, described and
// signed, and only then given their names.
#pragma once
#include <string>
#include <vector>

#include "devenv/core/work.hpp"
#include "images/imager/definition/definition.hpp"
#include "images/imager/root/root.hpp"

namespace photon::images {

struct BuildOptions {
  Supply supply{};
  std::string tools_repository{};  ///< of this machine's processor: the same as the supply's where that is it
  std::string output{};            ///< folder that gets NAME.qcow2, NAME.json, …
  std::vector<Format> formats{};   ///< empty: the definition's
  std::string key_folder{};        ///< forge's signing key; empty: nothing is signed
};

struct Made {
  std::string file{};  ///< name within the output folder
  std::string sha256{};
  std::uint64_t size = 0, stored = 0;  ///< bytes: as it looks, on the disk
};
struct Image {
  bool changed = false;  ///< false: all of it was there
  std::string key{};     ///< digest of all that decides the bytes
  std::vector<Made> files{};
  std::size_t packages = 0;
  std::uint64_t installed_size = 0;
};

/// The same input gives the same bytes, and nothing is done where they are there. What fails or is stopped
/// leaves the files of an earlier image as they were. no_space "image.space" is said before anything begins.
Result<Image> build(const Definition& definition, const BuildOptions& options, const Work& work);

}  // namespace photon::images
