#include "packages/forge/store/gc.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <ctime>
#include <filesystem>
#include <set>

namespace photon::forge {
namespace {

constexpr std::int64_t day = 24 * 60 * 60;

struct Needed {
  std::vector<std::string> gone{};  ///< keys of builds that go
  std::set<std::string> rpms{};     ///< names below rpms/ab
  std::set<std::string> sources{};
  std::set<std::string> logs{};
  std::set<std::string> former{};  ///< files of the builds that go
};

Result<Needed> needed_of(Index& index, const Keep& keep) {
  PHOTON_TRY(auto builds, index.all());
  Needed needed;
  needed.sources.insert(keep.sources.begin(), keep.sources.end());
  std::set<std::string> wanted(keep.keys.begin(), keep.keys.end());
  std::string group;
  unsigned rank = 0;
  for (const auto& built : builds) {
    std::string its = built.recipe + "/" + built.arch;
    rank = its == group ? rank + 1 : 0;
    group = std::move(its);
    if (rank >= keep.last && !wanted.contains(built.key)) {
      needed.gone.push_back(built.key);
      for (const auto& file : built.outputs) needed.former.insert(file.sha256 + "-" + file.name);
      needed.former.insert(std::filesystem::path(built.log).filename().string());
      continue;
    }
    for (const auto& file : built.outputs) needed.rpms.insert(file.sha256 + "-" + file.name);
    for (const auto& source : built.sources) needed.sources.insert(source.sha256);
    needed.logs.insert(std::filesystem::path(built.log).filename().string());
  }
  return needed;
}

/// Removes the files below `folder` whose name is not in `names` and which are either in `former` or a day
/// old: younger ones may be somebody's who has not yet recorded them.
void sweep(const std::string& folder, const std::set<std::string>& names, const std::set<std::string>& former,
           bool dry, Freed& freed) {
  std::error_code ignored;
  for (std::filesystem::recursive_directory_iterator it(folder, ignored), end; it != end;
       it.increment(ignored)) {
    struct stat about{};
    const auto& path = it->path();
    if (::lstat(path.c_str(), &about) < 0 || S_ISDIR(about.st_mode)) continue;
    std::string name = path.filename().string();
    bool young = about.st_ctime > std::time(nullptr) - day;
    if (names.contains(name) || (young && !former.contains(name))) continue;
    if (!dry && ::unlink(path.c_str()) < 0) continue;
    ++freed.files;
    if (about.st_nlink <= 1) freed.bytes += static_cast<std::uint64_t>(about.st_blocks) * 512;
  }
}

}  // namespace

Result<Freed> collect(Index& index, const std::string& folder, const Keep& keep) {
  Freed freed;
  // In one piece, for a build that another program adds may need what ours would remove. Rows and the files
  // that they name: a file that goes before its row has gone makes the row count for nothing (`find`).
  PHOTON_CHECK(index.alone([&]() -> Result<void> {
    PHOTON_TRY(auto needed, needed_of(index, keep));
    freed.builds = needed.gone.size();
    if (!keep.dry_run)
      for (const auto& key : needed.gone) PHOTON_CHECK(index.erase(key));
    sweep(folder + "/rpms", needed.rpms, needed.former, keep.dry_run, freed);
    sweep(folder + "/sources", needed.sources, {}, keep.dry_run, freed);
    sweep(folder + "/logs", needed.logs, needed.former, keep.dry_run, freed);
    sweep(folder + "/incoming", {}, {}, keep.dry_run, freed);
    return {};
  }));
  return freed;
}

}  // namespace photon::forge
