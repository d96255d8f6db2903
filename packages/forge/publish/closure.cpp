#include "packages/forge/publish/closure.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <map>
#include <set>

#include "devenv/core/digest.hpp"
#include "devenv/core/json.hpp"
#include "packages/forge/publish/select.hpp"
#include "packages/rpm/pool.hpp"

namespace photon::forge {
namespace {

constexpr std::size_t most_named = 8;

/// Files to be chosen from, and a pool of them.
struct Offer {
  std::vector<Chosen> files;
  rpm::Pool pool;
};

std::string digest_of(const std::vector<Chosen>& files) {
  Sha256 sum;
  for (const auto& each : files) sum.update(each.file.sha256 + " " + each.built->key + "\n");
  return sum.hex();
}

Result<Offer> offer(const std::vector<Built>& packages, const std::string& arch, Store& store) {
  PHOTON_TRY(auto files, choose(packages, arch));
  PHOTON_TRY(auto pool, rpm::Pool::create(arch));
  std::vector<std::string> paths;
  for (const auto& each : files) paths.push_back(store.path_of(each.file));
  PHOTON_CHECK(
      pool.add_files_cached("repository", paths, store.folder() + "/solv/" + digest_of(files) + ".solv"));
  return Offer{std::move(files), std::move(pool)};
}

class Closure {
 public:
  Closure(Offer own, Offer all, const std::vector<Built>& spare, const Store& store, const Work& work)
      : own_(std::move(own)), all_(std::move(all)), work_(work) {
    std::set<std::string_view> keys;
    for (const auto& built : spare) keys.insert(built.key);
    for (const auto& each : all_.files)
      if (keys.contains(each.built->key)) spare_[store.path_of(each.file)] = each.built;
  }

  /// Keys of spare builds, in no order of meaning.
  Result<std::set<std::string>> needed() {
    for (const auto& each : own_.files) {
      if (work_.stopped()) return cancelled();
      if (!own_.pool.solve({.install = {each.name}})) from_all(each.name);
    }
    while (!open_.empty()) {
      if (work_.stopped()) return cancelled();
      auto name = std::move(open_.back());
      open_.pop_back();
      from_all(name);
    }
    if (missing_.empty()) return std::move(keys_);
    auto count = missing_.size();
    missing_.resize(std::min(count, most_named));
    return fail(
        Kind::conflict, "publish.unresolved",
        fmt::format("{} packages could not be installed from the repository: {}", count,
                    fmt::join(missing_, "; ")),
        "import what is missing, or say in the package's row of packages/imports what it can do without");
  }

 private:
  void from_all(const std::string& name) {
    auto solution = all_.pool.solve({.install = {name}});
    if (!solution) {
      missing_.push_back(solution.error().message);
      return;
    }
    for (const auto& step : solution->steps) {
      auto found = spare_.find(step.item.location);
      if (found == spare_.end() || !keys_.insert(found->second->key).second) continue;
      // All of that build is published, so all of it has to be installable.
      for (const auto& each : all_.files)
        if (each.built == found->second) open_.push_back(each.name);
    }
  }

  Offer own_, all_;
  Work work_;
  std::map<std::string, const Built*> spare_;  ///< by path of the file
  std::set<std::string> keys_;
  std::vector<std::string> open_, missing_;
};

std::optional<std::set<std::string>> remembered(const std::optional<std::string>& note) {
  if (!note) return std::nullopt;
  auto parsed = parse_json(*note, "what a repository needs");
  if (!parsed || !parsed->is_array()) return std::nullopt;
  std::set<std::string> keys;
  for (const auto& key : parsed->get_array())
    if (key.is_string()) keys.emplace(key.get_string());
  return keys;
}

}  // namespace

Result<std::vector<Built>> with_needs(std::vector<Built> packages, const std::vector<Built>& spare,
                                      const std::string& arch, Store& store, const Work& work) {
  auto everything = packages;
  everything.insert(everything.end(), spare.begin(), spare.end());
  PHOTON_TRY(auto own, choose(packages, arch));
  PHOTON_TRY(auto all, choose(everything, arch));
  std::string note = "closure." + sha256_hex(digest_of(own) + digest_of(all));
  PHOTON_TRY(auto noted, store.note(note));
  auto keys = remembered(noted);
  if (!keys) {
    work.report({.step = "needs", .subject = fmt::format("{} packages", own.size())});
    PHOTON_TRY(auto first, offer(packages, arch, store));
    PHOTON_TRY(auto second, offer(everything, arch, store));
    PHOTON_TRY(keys, Closure(std::move(first), std::move(second), spare, store, work).needed());
    json::array list;
    for (const auto& key : *keys) list.push_back(json::string(key));
    PHOTON_CHECK(store.set_note(note, write_json(list)));
    work.report({.step = "needs", .subject = fmt::format("{} packages", own.size()), .finished = true});
  }
  for (const auto& built : spare)
    if (keys->contains(built.key)) packages.push_back(built);
  return packages;
}

}  // namespace photon::forge
