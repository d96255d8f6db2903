#include "packages/forge/build/universe.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <map>
#include <set>

#include "devenv/core/digest.hpp"
#include "devenv/core/fd.hpp"
#include "devenv/core/json.hpp"
#include "packages/rpm/pool.hpp"

namespace photon::forge {
namespace {

std::string digest_of(const std::string& arch, const Universe& universe,
                      const std::vector<std::string>& requirements) {
  Sha256 sum;
  sum.update("solved 1\n" + arch + "\n");
  for (const auto& text : requirements) sum.update(text + "\n");
  for (const auto& candidate : universe) sum.update(candidate.nevra + " " + candidate.sha256 + "\n");
  return sum.hex();
}

std::optional<Universe> remembered(const std::string& note, const Universe& universe) {
  auto parsed = parse_json(note, "a solved build root");
  if (!parsed || !parsed->is_array()) return std::nullopt;
  std::map<std::string_view, const Candidate*> by_digest;
  for (const auto& candidate : universe) by_digest[candidate.sha256] = &candidate;
  Universe root;
  for (const auto& digest : parsed->get_array()) {
    auto found = digest.is_string() ? by_digest.find(std::string_view(digest.get_string())) : by_digest.end();
    if (found == by_digest.end()) return std::nullopt;
    root.push_back(*found->second);
  }
  return root;
}

Result<Universe> solve_anew(const std::string& arch, const Universe& universe,
                            const std::vector<std::string>& requirements, const std::string& cache) {
  PHOTON_TRY(auto pool, rpm::Pool::create(arch));
  std::vector<std::string> paths;
  std::map<std::string_view, const Candidate*> by_path;
  Sha256 sum;
  for (const auto& candidate : universe) {
    paths.push_back(candidate.path);
    by_path[candidate.path] = &candidate;
    sum.update(candidate.sha256);
  }
  PHOTON_CHECK(pool.add_files_cached("forge", paths, cache + "/" + sum.hex() + ".solv"));
  PHOTON_TRY(auto solution, pool.solve({.install = requirements}));
  Universe root;
  for (const auto& step : solution.steps) {
    auto found = by_path.find(step.item.location);
    if (found == by_path.end())
      return fail(Kind::internal, "forge.root",
                  fmt::format("the solver chose {}, which nobody offered", step.item.location));
    root.push_back(*found->second);
  }
  std::sort(root.begin(), root.end(), [](const auto& a, const auto& b) { return a.nevra < b.nevra; });
  return root;
}

}  // namespace

std::string name_of(const std::string& nevra) {
  auto dash = nevra.rfind('-');
  if (dash == std::string::npos || dash == 0) return nevra;
  dash = nevra.rfind('-', dash - 1);
  return dash == std::string::npos ? nevra : nevra.substr(0, dash);
}

Universe universe_of(const std::vector<Built>& builds, const Store& store) {
  Universe universe;
  for (const auto& built : builds)
    for (const auto& file : built.outputs) {
      if (file.name.ends_with(".src.rpm") || !file.name.ends_with(".rpm")) continue;
      universe.push_back({file.name.substr(0, file.name.size() - 4), store.path_of(file), file.sha256});
    }
  std::sort(universe.begin(), universe.end(), [](const auto& a, const auto& b) { return a.nevra < b.nevra; });
  return universe;
}

Universe replaced(const Universe& imports, const Universe& ours) {
  std::set<std::string> names;
  for (const auto& candidate : ours) names.insert(name_of(candidate.nevra));
  Universe all = ours;
  for (const auto& candidate : imports)
    if (!names.contains(name_of(candidate.nevra))) all.push_back(candidate);
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.nevra < b.nevra; });
  return all;
}

Result<Universe> Roots::solve(const std::string& arch, const Universe& universe,
                              std::vector<std::string> requirements) {
  std::sort(requirements.begin(), requirements.end());
  requirements.erase(std::unique(requirements.begin(), requirements.end()), requirements.end());
  std::string key = "solve." + digest_of(arch, universe, requirements);
  PHOTON_TRY(auto note, store_.note(key));
  if (note)
    if (auto root = remembered(*note, universe)) return std::move(*root);
  std::lock_guard lock(mutex_);
  std::string cache = store_.folder() + "/solv";
  PHOTON_CHECK(make_directories(cache, 0755));
  PHOTON_TRY(auto root, solve_anew(arch, universe, requirements, cache));
  json::array digests;
  for (const auto& candidate : root) digests.emplace_back(candidate.sha256);
  PHOTON_CHECK(store_.set_note(key, write_json(digests)));
  return root;
}

}  // namespace photon::forge
