#include "packages/forge/build/build.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "devenv/core/digest.hpp"
#include "devenv/core/fd.hpp"
#include "packages/forge/build/schedule.hpp"
#include "packages/forge/import/import.hpp"

namespace photon::forge {
namespace {

bool is_there(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

ImportOptions imports_of(const BuildOptions& options, const std::string& arch) {
  return {.folder = options.packages + "/imports", .arch = arch, .jobs = options.jobs};
}

Result<std::vector<Built>> stored_imports(const BuildOptions& options, const std::string& arch, Store& store,
                                          bool& whole) {
  auto where = imports_of(options, arch);
  std::vector<Built> builds;
  if (!is_there(where.folder)) return builds;
  PHOTON_TRY(auto plans, plan_imports(where, store));
  for (const auto& plan : plans) {
    PHOTON_TRY(auto built, store.find(plan.key));
    whole = whole && built;
    if (built) builds.push_back(std::move(*built));
  }
  return builds;
}

/// All of them, made where they are missing.
Result<std::vector<Built>> all_imports(const BuildOptions& options, const std::string& arch, Store& store,
                                       const Work& work) {
  bool whole = true;
  PHOTON_TRY(auto builds, stored_imports(options, arch, store, whole));
  if (whole) return builds;
  // Keys of recipes are made of what the imports are: without them every answer would be wrong.
  if (options.dry_run)
    return fail(
        Kind::conflict, "forge.imports", fmt::format("not all imports of {} are made", arch),
        arch == machine_arch() ? "forge import makes them" : "forge import --arch " + arch + " makes them");
  PHOTON_CHECK(run_imports(imports_of(options, arch), store, work));
  return stored_imports(options, arch, store, whole);
}

std::uint64_t most_of_memory() {
  auto pages = ::sysconf(_SC_PHYS_PAGES), size = ::sysconf(_SC_PAGESIZE);
  return pages > 0 && size > 0 ? static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(size) / 10 * 9
                               : 0;
}

struct Prepared {
  BuildOptions options;
  Roots roots;
  Site site;
  Graph graph{};
  std::vector<Unread> unread{};

  Prepared(BuildOptions given, Store& store)
      : options(std::move(given)), roots(store), site{.options = options, .store = store, .roots = roots} {}
};

Result<std::unique_ptr<Prepared>> prepare(const BuildOptions& given, Store& store, const Work& work) {
  auto prepared = std::make_unique<Prepared>(given, store);
  auto& [options, roots, site, graph, unread] = *prepared;
  if (options.memory_limit == 0) options.memory_limit = most_of_memory();
  PHOTON_CHECK(make_directories(store.folder() + "/scratch", 0755));
  sweep_scratch(store.folder() + "/scratch");
  PHOTON_TRY(auto imports, all_imports(options, machine_arch(), store, work));
  site.imports = universe_of(imports, store);
  if (site.cross()) {
    PHOTON_TRY(imports, all_imports(options, options.arch, store, work));
    site.foreign = universe_of(imports, store);
  }
  ReadOptions reading{.arch = options.arch, .cache = store.folder() + "/recipes"};
  reading.bootstrap = is_there(options.packages + "/imports") ? options.packages + "/imports" : "";
  if (std::string macros = options.packages + "/macros"; is_there(macros)) {
    PHOTON_TRY(auto bytes, read_file(macros));
    site.macros = reading.macros = macros;
    site.macros_digest = sha256_hex(bytes);
  }
  PHOTON_TRY(auto recipes, read_recipes(options.packages + "/specs", reading, work));
  unread = std::move(recipes.unread);
  bool self = false;
  for (const auto& recipe : recipes.recipes)
    for (const auto& source : recipe.sources) self = self || !source.tree.empty();
  if (self) {
    PHOTON_TRY(site.checkout, Checkout::look(options.packages, store));
  }
  std::set<std::string> names;
  for (const auto& candidate : site.cross() ? site.foreign : site.imports)
    names.insert(name_of(candidate.nevra));
  graph = make_graph(std::move(recipes.recipes), {names.begin(), names.end()});
  return prepared;
}

RecipeResult result_of(const Unread& unread) {
  RecipeResult result{.recipe = std::filesystem::path(unread.spec).stem(), .outcome = Outcome::failed};
  result.why = sentence(unread.error);
  result.error = unread.error;
  return result;
}

}  // namespace

std::string_view word_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::built:
      return "built";
    case Outcome::reused:
      return "reused";
    case Outcome::failed:
      return "failed";
    case Outcome::blocked:
      return "blocked";
    case Outcome::skipped:
      return "skipped";
    case Outcome::due:
      return "due";
  }
  return "";
}

Result<std::vector<RecipeResult>> build_all(const BuildOptions& options, Store& store, const Work& work) {
  PHOTON_TRY(auto prepared, prepare(options, store, work));
  PHOTON_TRY(auto results, run_graph(prepared->graph, prepared->site, work));
  for (const auto& unread : prepared->unread) {
    auto result = result_of(unread);
    const auto& only = options.only;
    if (only.empty() || std::find(only.begin(), only.end(), result.recipe) != only.end())
      results.push_back(std::move(result));
  }
  return results;
}

Result<std::vector<Built>> imported(const BuildOptions& options, Store& store) {
  bool whole = true;
  return stored_imports(options, options.arch, store, whole);
}

namespace {

Result<RecipeResult> dry_one(const std::string& recipe, BuildOptions options, Store& store,
                             const Work& work) {
  options.only = {recipe};
  options.dry_run = true;
  PHOTON_TRY(auto results, build_all(options, store, work));
  for (auto& result : results)
    if (result.recipe == recipe) return std::move(result);
  return fail(Kind::not_found, "forge.unknown", fmt::format("there is no recipe {}", recipe),
              "forge graph shows them all");
}

}  // namespace

Result<Why> why(const std::string& recipe, const BuildOptions& options, Store& store, const Work& work) {
  PHOTON_TRY(auto result, dry_one(recipe, options, store, work));
  if (result.error) return tl::unexpected(*result.error);
  Why answer{.stored = result.outcome == Outcome::reused, .key = result.built.key};
  if (answer.stored) return answer;
  std::vector<Built> history;
  for (const std::string& arch : {options.arch, std::string("noarch")}) {
    PHOTON_TRY(auto some, store.history(recipe, arch));
    history.insert(history.end(), some.begin(), some.end());
  }
  if (!history.empty() && !result.built.ingredients.empty())
    answer.changes = changes(history.front().ingredients, result.built.ingredients);
  if (answer.changes.empty()) answer.changes = {result.why};
  return answer;
}

Result<int> shell(const std::string& recipe, int terminal, const BuildOptions& given, Store& store,
                  const Work& work) {
  auto options = given;
  options.only = {recipe};
  PHOTON_TRY(auto prepared, prepare(options, store, work));
  const auto& graph = prepared->graph;
  auto found = std::find_if(graph.recipes.begin(), graph.recipes.end(),
                            [&](const auto& each) { return each.name == recipe; });
  if (found == graph.recipes.end())
    return fail(Kind::not_found, "forge.unknown", fmt::format("there is no recipe {}", recipe),
                "forge graph shows them all");
  // What it needs is built first; itself may be what does not build.
  std::vector<Built> builds;
  auto at = static_cast<std::size_t>(found - graph.recipes.begin());
  if (!graph.needs[at].empty()) {
    prepared->options.only.clear();
    for (std::size_t need : graph.needs[at]) prepared->options.only.push_back(graph.recipes[need].name);
    PHOTON_TRY(auto results, run_graph(graph, prepared->site, work));
    for (auto& result : results) {
      if (result.error) return tl::unexpected(*result.error);
      builds.push_back(std::move(result.built));
    }
  }
  PHOTON_TRY(auto plan, plan_one(prepared->site, *found, universe_of(builds, store)));
  return shell_in(prepared->site, plan, terminal, work);
}

Result<Freed> collect_garbage(const BuildOptions& given, unsigned keep, bool dry_run, Store& store,
                              const Work& work) {
  Keep what{.last = keep, .dry_run = dry_run};
  auto options = given;
  options.dry_run = true;
  for (const char* arch : {"x86_64", "aarch64"}) {
    options.arch = arch;
    auto where = imports_of(options, arch);
    if (is_there(where.folder)) {
      PHOTON_TRY(auto plans, plan_imports(where, store));
      for (const auto& plan : plans) what.keys.push_back(plan.key);
      bool whole = true;
      PHOTON_TRY(auto stored, stored_imports(options, arch, store, whole));
      // An architecture that nobody has begun needs nothing.
      if (stored.empty() && !whole) continue;
    }
    PHOTON_TRY(auto prepared, prepare(options, store, work));
    for (const auto& recipe : prepared->graph.recipes)
      for (const auto& source : recipe.sources)
        if (!source.sha256.empty()) what.sources.push_back(source.sha256);
    PHOTON_TRY(auto results, run_graph(prepared->graph, prepared->site, work));
    for (const auto& result : results)
      if (result.outcome == Outcome::reused) what.keys.push_back(result.built.key);
  }
  PHOTON_TRY(auto freed, store.gc(what));
  constexpr std::uint64_t most_roots = 10ULL << 30;
  if (!dry_run) {
    PHOTON_TRY(auto bytes, collect_trees(store.folder() + "/roots", most_roots));
    freed.bytes += bytes;
  }
  return freed;
}

}  // namespace photon::forge
