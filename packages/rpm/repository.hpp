// A repository as others publish it (rpm-md: Fedora's and openSUSE's alike), seen through a cache.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "devenv/core/error.hpp"
#include "devenv/core/work.hpp"
#include "packages/rpm/download.hpp"
#include "packages/rpm/pool.hpp"

namespace photon::rpm {

struct RepositorySource {
  std::string name{};               ///< [A-Za-z0-9._-], of the cache's folder, too
  std::string url{};                ///< what "repodata/repomd.xml" is appended to: file, http or https
  std::vector<std::string> keys{};  ///< ASCII-armoured; repomd.xml.asc has to be by one of them
  bool verify_metadata = true;      ///< without: whoever answers is believed
  std::string cache{};              ///< folder of all caches; this one's is CACHE/NAME
  int priority = 99;
};

struct Freshness {
  bool changed = false;
  std::string repomd_sha256{};
  std::string revision{};
  std::int64_t time = 0;  ///< of the newest part, as repomd.xml says
};
/// Asks the source. Nothing of an answer is used before its signature is verified; one that is older than
/// what has been seen before is refused: corrupt "rpm.replayed". What was there before stays in every case of
/// error.
Result<Freshness> refresh(const RepositorySource& source, const Work& work);

/// Into the pool from the cache, which is made first where there is none. File lists are loaded (fetched, if
/// need be) only when somebody requires a file that primary does not name; `work` has to live that long.
Result<void> add_repository(Pool& pool, const RepositorySource& source, const Work& work);

/// One entry of updateinfo.
struct Advisory {
  std::string id{}, kind{}, severity{}, title{}, description{};
  std::int64_t time = 0;
  std::vector<std::string> references{};  ///< CVE numbers and addresses
  std::vector<Nevra> packages{};          ///< that mend it
};
Result<std::vector<Advisory>> advisories(const RepositorySource& source, const Work& work);

struct Change {
  std::int64_t time = 0;
  std::string author{}, text{};
};
/// Out of "other": the newest first; empty where the repository has none.
Result<std::vector<Change>> changelog(const RepositorySource& source, const Nevra& package, const Work& work);

/// The files of a solution on this machine: fetched into FOLDER/NAME and checked, those of a file:// source
/// checked where they are. `Item::location` of the answer is absolute.
Result<Solution> fetch(Solution solution, std::span<const RepositorySource> sources,
                       const std::string& folder, const DownloadOptions& options, const Work& work);

}  // namespace photon::rpm
