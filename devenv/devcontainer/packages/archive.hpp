// Archives of packages: read within bounds, and never trusted.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "devenv/core/error.hpp"

namespace photon::devcontainer {

struct ArchiveEntry {
  enum class Kind { file, folder, link, same_file } kind = Kind::file;
  std::string name;     ///< relative, without "./" in front: below the place that it is unpacked to
  std::string written;  ///< the same as the archive has it
  std::string target;   ///< of a link: as written, and inside; of the same file: the name of an entry before
  unsigned mode = 0;    ///< rights alone
  std::string bytes;    ///< of a file
};

struct ArchiveBounds {
  std::uint64_t bytes = 256 << 20;  ///< of all files, unpacked
  std::uint64_t entries = 20'000;
};

/// A tar in any compression. Each entry in its order; a name or link that leads outside, a device or a
/// pipe is an error, and so is more than the bounds allow. `name` is what an error calls it.
Result<void> read_archive(std::string_view bytes, const std::string& name,
                          const std::function<Result<void>(ArchiveEntry)>& visit,
                          const ArchiveBounds& bounds = {});

}  // namespace photon::devcontainer
