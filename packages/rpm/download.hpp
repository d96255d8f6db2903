// Files from the network or from a folder, several at once, each checked before it gets its name.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "devenv/core/error.hpp"
#include "devenv/core/work.hpp"

namespace photon::rpm {

struct Download {
  std::string url{};                 ///< http, https or file
  std::string to{};                  ///< absolute; PATH.part holds what has come so far and is gone on with
  std::string digest{};              ///< "sha256:…" or another of the SHA-2 family; empty: not known
  std::uint64_t size = 0;            ///< exactly so many bytes; 0: not known
  std::uint64_t limit = 4ULL << 30;  ///< never more than this
  bool optional = false;             ///< a missing one is no error
};

struct DownloadOptions {
  unsigned parallel = 4;
  unsigned attempts = 3;  ///< for each, where trying again may help
};

/// All of them or an error: corrupt "rpm.digest" names the file, unavailable "rpm.download" the server. What
/// is there already with the right digest is not fetched again. Cancelled: the parts stay for the next time.
Result<void> download(std::vector<Download> wanted, const DownloadOptions& options, const Work& work);

/// Whether the file has that digest ("sha256:…").
Result<bool> has_digest(const std::string& path, const std::string& digest);

}  // namespace photon::rpm
