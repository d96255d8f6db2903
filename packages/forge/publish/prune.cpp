#include "packages/forge/publish/prune.hpp"

#include <sys/stat.h>

#include <filesystem>
#include <set>

#include "devenv/core/checkpoint.hpp"
#include "packages/forge/publish/generation.hpp"
#include "packages/forge/publish/key.hpp"
#include "packages/forge/publish/lock.hpp"
#include "packages/forge/store/content.hpp"

namespace photon::forge {
namespace {

namespace fs = std::filesystem;

/// Removes the files below `folder` whose path from `base` is not in `keep`, and folders that become empty.
Result<void> sweep(const std::string& base, const std::string& folder, const std::set<std::string>& keep,
                   Freed& freed) {
  std::vector<fs::path> files, folders;
  std::error_code error;
  for (const auto& entry : fs::recursive_directory_iterator(base + "/" + folder, error)) {
    if (entry.is_directory() && !entry.is_symlink())
      folders.push_back(entry.path());
    else if (!keep.contains(entry.path().string().substr(base.size() + 1)))
      files.push_back(entry.path());
  }
  for (const auto& file : files) {
    struct stat about{};
    if (::lstat(file.c_str(), &about) != 0) continue;
    if (!fs::remove(file, error) && error) return fail_errno("remove " + file.string(), error.value());
    ++freed.files;
    if (about.st_nlink == 1) freed.bytes += static_cast<std::uint64_t>(about.st_size);
  }
  for (auto at = folders.rbegin(); at != folders.rend(); ++at) fs::remove(*at, error);  // not empty: it stays
  return {};
}

void add_names(std::set<std::string>& keep, const Generation& generation) {
  for (const auto& member : generation.members) keep.insert({member.href, member.sbom, member.provenance});
  for (const auto& file : generation.files) keep.insert("repodata/" + file);
}

}  // namespace

Result<Freed> prune_locked(const std::string& folder, unsigned keep) {
  Freed freed;
  PHOTON_TRY(auto present, read_generation(folder + "/repodata"));
  if (!present) return freed;
  PHOTON_TRY(auto earlier, earlier_generations(folder));
  std::set<std::string> names = {"repodata/repomd.xml", "repodata/repomd.xml.asc", "repodata/repomd.xml.key",
                                 std::string("repodata") + state_file};
  add_names(names, *present);
  for (std::size_t i = 0; i < earlier.size(); ++i) {
    if (i + 1 < keep) {
      add_names(names, earlier[i].generation);
      continue;
    }
    ++freed.builds;
    PHOTON_CHECK(remove_tree(earlier[i].folder));
    checkpoint("publish.pruning");
  }
  for (const char* each : {"packages", "sbom", "provenance", "repodata"})
    PHOTON_CHECK(sweep(folder, each, names, freed));
  return freed;
}

Result<Freed> prune_repository(const std::string& folder, unsigned keep, const Work& work) {
  std::error_code error;
  if (!fs::is_directory(folder, error)) return Freed{};
  PHOTON_TRY(auto lock, lock_file(folder + "/.lock", work));
  PHOTON_CHECK(recover(folder));
  return prune_locked(folder, keep);
}

Result<Freed> prune_signed(const Store& store, const std::vector<std::string>& keep, bool dry_run,
                           const Work& work) {
  Freed freed;
  std::set<std::string> kept(keep.begin(), keep.end());
  std::error_code error;
  for (const auto& key : fs::directory_iterator(store.folder() + "/signed", error)) {
    if (!key.is_directory()) continue;
    PHOTON_TRY(auto lock, lock_file(key.path().string() + "/.lock", work));
    std::set<std::string> targets;
    for (const auto& entry : fs::directory_iterator(key.path(), error))
      if (entry.is_symlink() && kept.contains(entry.path().filename()))
        targets.insert(fs::read_symlink(entry.path(), error).string());
    for (const auto& entry : fs::directory_iterator(key.path(), error)) {
      auto name = entry.path().filename().string();
      bool ours =
          entry.is_symlink() ? !kept.contains(name) : name.ends_with(".rpm") && !targets.contains(name);
      if (!ours) continue;
      struct stat about{};
      if (::lstat(entry.path().c_str(), &about) != 0) continue;
      if (S_ISREG(about.st_mode)) {
        ++freed.files;
        if (about.st_nlink == 1) freed.bytes += static_cast<std::uint64_t>(about.st_size);
      }
      if (!dry_run && !fs::remove(entry.path(), error) && error)
        return fail_errno("remove " + entry.path().string(), error.value());
    }
  }
  return freed;
}

}  // namespace photon::forge
