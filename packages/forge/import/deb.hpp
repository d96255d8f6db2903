// One package of the distribution, unpacked: what its control file says and its files, with owners and modes
// as words.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "devenv/core/error.hpp"
#include "devenv/core/work.hpp"

namespace photon::forge {

struct DebFile {
  std::string path{};      ///< absolute, below merged /usr
  std::uint32_t mode = 0;  ///< permissions alone
  bool folder = false;
  bool link = false;
  std::string user{}, group{};
  bool operator==(const DebFile&) const = default;
};

struct Deb {
  std::map<std::string, std::string> control{};  ///< "Package", "Version", "Description", …
  std::vector<std::string> conffiles{};          ///< absolute
  std::vector<DebFile> files{};                  ///< by path; folders, too
  std::int64_t newest = 0;                       ///< of the files' times
};

/// Into `root`, which may hold another deb's files already. corrupt "deb.format" for what is none or ends
/// early, "deb.path" for paths that leave it, "deb.bomb" past the bounds, "deb.device" for device nodes.
Result<Deb> unpack_deb(const std::string& file, const std::string& root, const Work& work);

}  // namespace photon::forge
