#include "packages/forge/import/import.hpp"

#include <rpm/rpmlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "devenv/core/checkpoint.hpp"
#include "devenv/core/digest.hpp"
#include "devenv/core/fd.hpp"
#include "devenv/core/name.hpp"
#include "devenv/core/undo.hpp"
#include "packages/forge/import/apt.hpp"
#include "packages/forge/import/convert.hpp"
#include "packages/forge/import/lock.hpp"
#include "packages/forge/import/relations.hpp"
#include "packages/forge/sandbox/sandbox.hpp"

namespace photon::forge {
namespace {

namespace fs = std::filesystem;

constexpr const char* arches[] = {"aarch64", "x86_64"};
constexpr std::size_t a_batch = 40;  // debs that apt is asked for at once: progress, and a place to stop
constexpr const char* refresh = "forge import --update";

struct Planned {
  const ImportRecipe* recipe = nullptr;
  ImportPlan plan{};
  std::vector<std::pair<std::string, Locked>> debs{};
  std::vector<std::string> needs{};
};

struct Plans {
  ImportTables tables{};
  std::vector<Planned> all{};
};

std::string beside(const ImportOptions& options, const char* path) {
  return fs::path(options.folder).parent_path() / path;
}

std::string row_of(const ImportRecipe& recipe) {
  std::string text = recipe.name + "\n" + recipe.group + "\n";
  auto list = [&](const char* name, const std::vector<std::string>& items) {
    for (const auto& item : items) text += fmt::format("{} {}\n", name, item);
  };
  list("deb", recipe.debs);
  list("drop", recipe.drop);
  list("only", recipe.only);
  list("provides", recipe.provides);
  list("without", recipe.without);
  for (const auto& [path, what] : recipe.attr) text += fmt::format("attr {} {}\n", path, what);
  for (const auto& [path, target] : recipe.links) text += fmt::format("link {} {}\n", path, target);
  return text;
}

std::string key_of(const Planned& planned, const std::string& arch, const std::string& macros) {
  std::string text = fmt::format("import {}\nrpm {}\n{}\n{}\n{}", converter_version, RPMVERSION, arch, macros,
                                 row_of(*planned.recipe));
  for (const auto& [deb, row] : planned.debs) text += fmt::format("{} {}\n", deb, row.sha256);
  for (const auto& need : planned.needs) text += fmt::format("needs {}\n", need);
  return sha256_hex(text);
}

Carried carried_of(const ImportTables& tables, const std::string& arch,
                   const std::map<std::string, Locked>& rows) {
  Carried carried(tables, arch);
  for (const auto& [deb, row] : rows) carried.also_provides(deb, row.provides);
  return carried;
}

Result<Plans> make_plans(const ImportOptions& options, Store& store) {
  Plans plans;
  PHOTON_TRY(plans.tables, read_import_tables(options.folder));
  PHOTON_TRY(auto lock, read_lock(options.folder));
  PHOTON_TRY(auto macros, read_file(beside(options, "macros")));
  std::string sum = sha256_hex(macros);
  const auto& rows = lock[options.arch];
  auto carried = carried_of(plans.tables, options.arch, rows);
  for (const auto& recipe : plans.tables.recipes) {
    bool wanted = options.only.empty() ||
                  std::find(options.only.begin(), options.only.end(), recipe.name) != options.only.end();
    if (!recipe.has(options.arch) || !wanted) continue;
    Planned planned{.recipe = &recipe};
    std::string depends;
    for (const auto& deb : recipe.debs) {
      auto row = rows.find(deb);
      if (row == rows.end())
        return fail_at(recipe.place, Kind::usage, "forge.lock",
                       fmt::format("the lock has no row for {} on {}", deb, options.arch), refresh);
      planned.debs.emplace_back(deb, row->second);
      depends += (depends.empty() ? "" : ", ") + row->second.depends;
    }
    planned.needs = relations_of(recipe, depends, carried, plans.tables).needs;
    planned.plan = {.name = recipe.name, .key = key_of(planned, options.arch, sum), .group = recipe.group};
    PHOTON_TRY(auto built, store.find(planned.plan.key));
    planned.plan.stored = built.has_value();
    plans.all.push_back(std::move(planned));
  }
  for (const auto& name : options.only)
    if (std::none_of(plans.all.begin(), plans.all.end(),
                     [&](const auto& planned) { return planned.plan.name == name; }))
      return fail(Kind::not_found, "forge.import",
                  fmt::format("there is no import {} for {}", shown(name), options.arch));
  return plans;
}

/// The archive names a file after the package, its version (':' as %3a) and its architecture.
Result<std::string> fetched_file(const std::string& folder, const std::string& deb) {
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().filename().string().starts_with(deb + "_")) return entry.path().string();
  return fail(Kind::unavailable, "forge.apt", fmt::format("apt has not brought {}", deb), "try again");
}

/// Fetches what the store does not hold, in batches; what has arrived stays when a later batch fails.
Result<void> fetch(const ImportOptions& options, const std::vector<const Planned*>& wanted, Store& store,
                   const Work& work) {
  // Parts of one package are in several imports.
  std::map<std::string, Locked> each;
  for (const auto* planned : wanted)
    for (const auto& deb : planned->debs)
      if (!store.source(deb.second.sha256)) each.insert(deb);
  std::vector<std::pair<std::string, Locked>> missing(each.begin(), each.end());
  if (missing.empty()) return {};
  PHOTON_TRY(auto apt, Apt::open(store.folder() + "/apt", options.arch, options.sources));
  PHOTON_CHECK(apt.update(false, work));
  bool anew = false;
  for (std::size_t from = 0; from < missing.size(); from += a_batch) {
    std::size_t to = std::min(missing.size(), from + a_batch);
    work.report({.step = "fetch",
                 .subject = fmt::format("{} packages of the distribution", missing.size()),
                 .detail = missing[from].first,
                 .done = from,
                 .total = missing.size()});
    std::string folder = fmt::format("{}/scratch/{}-fetch-{}", store.folder(), ::getpid(), from);
    PHOTON_CHECK(make_directories(folder, 0755));
    Finally clean{[&] { (void)remove_scratch(folder); }};
    std::vector<std::string> pinned;
    for (std::size_t i = from; i < to; ++i)
      pinned.push_back(missing[i].first + "=" + missing[i].second.version);
    auto done = apt.download(pinned, folder, work);
    if (!done && done.error().code == "forge.lock" && !anew) {
      // Our lists may be older than the lock.
      anew = true;
      PHOTON_CHECK(apt.update(true, work));
      done = apt.download(pinned, folder, work);
    }
    if (!done && done.error().code == "forge.lock")
      return fail(Kind::unavailable, "forge.lock",
                  "the archive no longer has what the lock names: " + done.error().message, refresh);
    PHOTON_CHECK(std::move(done));
    checkpoint("import.fetched");
    for (std::size_t i = from; i < to; ++i) {
      PHOTON_TRY(auto file, fetched_file(folder, missing[i].first));
      PHOTON_CHECK(store.add_source(file, missing[i].second.sha256));
    }
  }
  work.report({.step = "fetch",
               .subject = fmt::format("{} packages of the distribution", missing.size()),
               .finished = true});
  return {};
}

/// The same for all of them.
struct Common {
  std::string macros;
  std::vector<std::string> users, groups;
};

Result<Common> common_of(const ImportOptions& options) {
  PHOTON_TRY(auto macros, macro_path(fs::absolute(beside(options, "macros"))));
  return Common{std::move(macros), names_in(beside(options, "specs/filesystem/passwd")),
                names_in(beside(options, "specs/filesystem/group"))};
}

Result<Built> make_one(const ImportOptions& options, const Planned& planned, const Common& common,
                       Store& store, const Work& work) {
  std::string scratch = fmt::format("{}/scratch/{}-import-XXXXXX", store.folder(), ::getpid());
  if (::mkdtemp(scratch.data()) == nullptr) return fail_errno("make a folder below " + store.folder(), errno);
  Finally clean{[&] { (void)remove_scratch(scratch); }};
  Conversion conversion{.recipe = *planned.recipe,
                        .needs = planned.needs,
                        .arch = options.arch,
                        .macros = common.macros,
                        .users = common.users,
                        .groups = common.groups,
                        .scratch = scratch};
  Built built{
      .key = planned.plan.key, .recipe = planned.plan.name, .arch = options.arch, .origin = Origin::import};
  auto begun = std::chrono::system_clock::now();
  built.started = std::chrono::system_clock::to_time_t(begun);
  for (const auto& [deb, row] : planned.debs) {
    auto file = store.source(row.sha256);
    if (!file)
      return fail(Kind::unavailable, "forge.import", fmt::format("{} has gone from the store", deb),
                  "try again");
    conversion.debs.push_back(*file);
    built.sources.push_back({fs::path(row.path).filename(), row.sha256});
  }
  checkpoint("import.begun");
  PHOTON_TRY(built.outputs, convert(conversion, work));
  checkpoint("import.converted");
  built.seconds = std::chrono::duration<double>(std::chrono::system_clock::now() - begun).count();
  PHOTON_CHECK(store.add(built, scratch + "/out"));
  return built;
}

Result<void> check_closure(const ImportTables& tables, const Lock& lock) {
  std::string all;
  const ImportRecipe* first = nullptr;
  for (const char* arch : arches) {
    auto rows = lock.find(arch);
    if (rows == lock.end()) continue;
    auto carried = carried_of(tables, arch, rows->second);
    for (const auto& recipe : tables.recipes) {
      if (!recipe.has(arch)) continue;
      std::string depends;
      for (const auto& deb : recipe.debs)
        if (auto row = rows->second.find(deb); row != rows->second.end())
          depends += row->second.depends + ", ";
      for (const auto& missing : relations_of(recipe, depends, carried, tables).missing) {
        if (first == nullptr) first = &recipe;
        std::string line = fmt::format("{} needs {}", recipe.name, missing);
        if (all.find(line) == std::string::npos) all += (all.empty() ? "" : "; ") + line;
      }
    }
  }
  if (first == nullptr) return {};
  return fail_at(first->place, Kind::usage, "forge.import", "no import brings " + all,
                 "add a line for each to a file of packages/imports, or to ignored.toml with the reason");
}

}  // namespace

Result<std::vector<ImportPlan>> plan_imports(const ImportOptions& options, Store& store) {
  PHOTON_TRY(auto plans, make_plans(options, store));
  std::vector<ImportPlan> found;
  for (auto& planned : plans.all) found.push_back(std::move(planned.plan));
  return found;
}

Result<std::vector<Built>> run_imports(const ImportOptions& options, Store& store, const Work& work) {
  PHOTON_TRY(auto plans, make_plans(options, store));
  PHOTON_CHECK(make_directories(store.folder() + "/scratch", 0755));
  sweep_scratch(store.folder() + "/scratch");
  std::vector<const Planned*> wanted;
  for (const auto& planned : plans.all)
    if (!planned.plan.stored) wanted.push_back(&planned);
  PHOTON_CHECK(fetch(options, wanted, store, work));
  if (wanted.empty()) return std::vector<Built>();
  auto common = common_of(options);
  if (!common) return tl::unexpected(common.error());

  std::atomic<std::size_t> next = 0;
  std::size_t done = 0;
  std::mutex mutex;
  std::optional<Error> fault;
  std::vector<Built> made;
  auto subject = fmt::format("{} packages of the distribution", wanted.size());
  auto worker = [&] {
    for (std::size_t i = 0; (i = next++) < wanted.size();) {
      if (std::lock_guard lock(mutex); fault || work.stopped()) return;
      auto built = make_one(options, *wanted[i], *common, store, work);
      std::lock_guard lock(mutex);
      if (built)
        made.push_back(std::move(*built));
      else if (!fault)
        fault = std::move(built.error());
      work.report({.step = "import",
                   .subject = subject,
                   .detail = wanted[i]->plan.name,
                   .done = ++done,
                   .total = wanted.size()});
    }
  };
  std::vector<std::jthread> workers;
  for (unsigned i = 0; i < std::max(1U, options.jobs) && i < wanted.size(); ++i) workers.emplace_back(worker);
  workers.clear();
  if (work.stopped()) return cancelled();
  if (fault) return within(std::move(*fault), "while importing");
  work.report({.step = "import", .subject = subject, .finished = true});
  std::sort(made.begin(), made.end(), [](const auto& a, const auto& b) { return a.recipe < b.recipe; });
  return made;
}

Result<std::vector<LockChange>> update_lock(const ImportOptions& options, const Work& work) {
  PHOTON_TRY(auto tables, read_import_tables(options.folder));
  // An old lock that does not parse is no reason not to write a new one.
  Lock before = read_lock(options.folder).value_or(Lock());
  Lock after;
  std::vector<LockChange> changes;
  std::string state = (options.state.empty() ? default_store() : options.state) + "/apt";
  for (const char* arch : arches) {
    PHOTON_TRY(auto apt, Apt::open(state, arch, options.sources));
    PHOTON_CHECK(apt.update(true, work));
    std::set<std::string> names;
    for (const auto& recipe : tables.recipes)
      if (recipe.has(arch)) names.insert(recipe.debs.begin(), recipe.debs.end());
    if (names.empty()) continue;
    PHOTON_TRY(auto found, apt.show({names.begin(), names.end()}, work));
    for (const auto& recipe : tables.recipes)
      for (const auto& deb : recipe.debs) {
        if (!recipe.has(arch)) continue;
        auto row = found.find(deb);
        if (row == found.end())
          return fail_at(recipe.place, Kind::not_found, "forge.import",
                         fmt::format("the distribution has no {} for {}", deb, debian_arch(arch)),
                         "name another package, or say arch = [\"…\"] for those that have it");
        auto& about = row->second;
        after[arch][deb] = {about.version, about.sha256,  about.size,
                            about.path,    about.depends, about.provides};
      }
    for (const auto& [deb, row] : after[arch]) {
      auto old = before[arch].find(deb);
      std::string was = old == before[arch].end() ? "" : old->second.version;
      if (was != row.version) changes.push_back({deb + " " + arch, was, row.version});
    }
    for (const auto& [deb, row] : before[arch])
      if (!after[arch].contains(deb)) changes.push_back({deb + " " + arch, row.version, ""});
  }
  PHOTON_CHECK(check_closure(tables, after));
  if (before != after) PHOTON_CHECK(write_lock(options.folder, after));
  return changes;
}

Result<std::string> fetch_apt_source(const std::string& package, const std::string& file,
                                     const std::string& directory, const Work& work) {
  PHOTON_TRY(auto apt, Apt::open(default_store() + "/apt", "x86_64", {}));
  return apt.source(package, file, directory, work);
}

}  // namespace photon::forge
