#include "packages/forge/publish/file_conflicts.hpp"

#include <rpm/rpmfiles.h>
#include <sys/stat.h>

#include <algorithm>
#include <map>
#include <unordered_map>

#include "devenv/core/digest.hpp"
#include "packages/forge/publish/parallel.hpp"
#include "packages/forge/publish/select.hpp"
#include "packages/rpm/package.hpp"
#include "packages/rpm/pool.hpp"

namespace photon::forge {
namespace {

constexpr std::size_t most_named = 8;

/// By places in the list of packages → the first file that they have in common.
using Pairs = std::map<std::pair<std::size_t, std::size_t>, std::string>;

/// As rpm compares them (rpmfilesCompare): kind, and what is in it or where it leads.
bool same(const rpm::File& a, const rpm::File& b) {
  auto kind = a.mode & S_IFMT;
  if (kind != (b.mode & S_IFMT)) return false;
  if (kind == S_IFLNK) return a.link == b.link;
  return kind != S_IFREG || a.digest == b.digest;
}

Pairs overlapping(const std::vector<rpm::Package>& packages) {
  struct Owner {
    std::size_t package;
    const rpm::File* file;
  };
  std::unordered_map<std::string_view, std::vector<Owner>> owners;
  Pairs pairs;
  for (std::size_t i = 0; i < packages.size(); ++i)
    for (const auto& file : packages[i].files) {
      if ((file.flags & RPMFILE_GHOST) != 0) continue;
      auto& others = owners[file.path];
      for (const auto& other : others)
        if (other.package != i && !same(*other.file, file)) pairs.try_emplace({other.package, i}, file.path);
      others.push_back({i, &file});
    }
  return pairs;
}

}  // namespace

Result<void> check_files(const std::vector<Built>& packages, const std::string& arch, Store& store,
                         const Work& work) {
  PHOTON_TRY(auto chosen, choose(packages, arch));
  Sha256 sum;
  for (const auto& each : chosen) sum.update(each.file.sha256 + "\n");
  auto note = "files." + sum.hex();
  PHOTON_TRY(auto checked, store.note(note));
  if (checked) return {};
  std::vector<std::string> paths;
  for (const auto& each : chosen) paths.push_back(store.path_of(each.file));
  std::vector<rpm::Package> read(chosen.size());
  PHOTON_CHECK(in_parallel(chosen.size(), "files", work, [&](std::size_t i) -> Result<void> {
    PHOTON_TRY(read[i], rpm::read_package(paths[i]));
    return {};
  }));
  auto pairs = overlapping(read);
  std::vector<std::string> faults;
  if (!pairs.empty()) {
    PHOTON_TRY(auto pool, rpm::Pool::create(arch));
    PHOTON_CHECK(pool.add_files("repository", paths));
    for (const auto& [pair, path] : pairs) {
      if (work.stopped()) return cancelled();
      const auto &one = chosen[pair.first].name, &other = chosen[pair.second].name;
      if (pool.solve({.install = {one, other}}))
        faults.push_back(fmt::format("{} and {} both have {}", one, other, path));
    }
  }
  if (faults.empty()) return store.set_note(note, "none");
  auto count = faults.size();
  faults.resize(std::min(count, most_named));
  return fail(Kind::conflict, "publish.files",
              fmt::format("{} of packages could not be installed together: {}",
                          count == 1 ? "a pair" : fmt::format("{} pairs", count), fmt::join(faults, "; ")),
              "drop = [\"…\"] in the row of packages/imports, or Conflicts: in a spec");
}

}  // namespace photon::forge
