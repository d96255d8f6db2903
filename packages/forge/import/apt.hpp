// The distribution below, through its own apt: verified by it, from the machine's own mirrors, in a folder of
// ours.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "devenv/core/error.hpp"
#include "devenv/core/process.hpp"
#include "devenv/core/work.hpp"

namespace photon::forge {

/// What the archive says of one package.
struct AptPackage {
  std::string name{}, version{}, architecture{};  ///< as the archive writes them: "all", "amd64"
  std::string path{};                             ///< below the archive's root
  std::string sha256{};
  std::uint64_t size = 0;
  std::string depends{};  ///< Pre-Depends and Depends, as written
  std::string provides{};
};

class Apt {
 public:
  /// `arch`: "x86_64" or "aarch64". `sources`: a sources.list instead of the machine's (tests, mirrors);
  /// empty: Debian 13 at the mirrors that this machine uses.
  static Result<Apt> open(const std::string& folder, const std::string& arch, const std::string& sources);

  /// Fetches the lists where there are none, or with `anew`. One at a time over all processes.
  Result<void> update(bool anew, const Work& work);
  /// The candidates of these packages; what the archive does not have is missing from the answer.
  Result<std::map<std::string, AptPackage>> show(const std::vector<std::string>& packages, const Work& work);
  /// Fetches NAME=VERSION each into `directory`; checked by apt against its signed lists. not_found
  /// "forge.lock" names what the archive no longer has.
  Result<void> download(const std::vector<std::string>& pinned, const std::string& directory,
                        const Work& work);
  /// A file of a source package into `directory`: its path there.
  Result<std::string> source(const std::string& package, const std::string& file,
                             const std::string& directory, const Work& work);

 private:
  Result<std::string> fetch_from(const std::string& pinned, const std::string& file,
                                 const std::string& directory, const Work& work);
  Result<Output> run_apt(std::vector<std::string> words, const std::string& directory, const Work& work);
  std::string folder_, configuration_;
  std::vector<std::string> releases_;  ///< that have sources
};

/// "x86_64" → "amd64"
std::string debian_arch(const std::string& arch);

}  // namespace photon::forge
