#include "devenv/core/space.hpp"

#include <sys/stat.h>

#include <filesystem>
#include <set>

namespace photon {

std::uint64_t space_of(const std::string& folder) {
  namespace fs = std::filesystem;
  std::uint64_t blocks = 0;
  std::set<std::pair<dev_t, ino_t>> seen;
  std::error_code error;
  constexpr auto options = fs::directory_options::skip_permission_denied;
  for (fs::recursive_directory_iterator at(folder, options, error), end; !error && at != end;
       at.increment(error)) {
    struct stat found{};
    if (::lstat(at->path().c_str(), &found) < 0) continue;
    const bool again =
        !S_ISDIR(found.st_mode) && found.st_nlink > 1 && !seen.emplace(found.st_dev, found.st_ino).second;
    if (!again) blocks += static_cast<std::uint64_t>(found.st_blocks);
  }
  return blocks * 512;  // whatever the disk's own blocks are (stat(3))
}

}  // namespace photon
