#include <boost/json/array.hpp>

#include "packages/forge/commands/commands.hpp"
#include "packages/forge/import/import.hpp"

namespace photon::forge {
namespace {

constexpr Option options[] = {
    {"--update", "", "", "resolve the recipes anew and write the lock file; make nothing"},
    packages_option,
    arch_option,
    jobs_option,
};
constexpr Positional positionals[] = {{.name = "NAME", .help = "these alone", .repeats = true}};
constexpr Example examples[] = {{"forge import", "make every import that the store lacks"},
                                {"forge import --update", "take newer versions, and say which"}};

Result<int> update(Context& context, const ImportOptions& importing) {
  Shown shown;
  auto changes = update_lock(importing, shown.work());
  shown.close(!changes);
  if (!changes) return tl::unexpected(changes.error());
  json::array list;
  std::vector<std::vector<std::string>> rows;
  for (const auto& one : *changes) {
    list.push_back({{"package", one.deb}, {"before", one.before}, {"after", one.after}});
    rows.push_back({one.deb, one.before.empty() ? "–" : one.before, one.after.empty() ? "–" : one.after});
  }
  if (context.json()) {
    PHOTON_CHECK(context.print_json({{"changes", std::move(list)}}));
  } else if (!rows.empty()) {
    PHOTON_CHECK(context.print(table({"PACKAGE", "BEFORE", "AFTER"}, rows, look_at(1), width_of(1))));
  }
  context.tell(fmt::format("{} changes in the lock file\n", changes->size()));
  return 0;
}

Result<int> run(Context& context) {
  ImportOptions importing;
  PHOTON_TRY(auto packages, context.packages());
  importing.folder = packages + "/imports";
  PHOTON_TRY(importing.arch, context.arch());
  PHOTON_TRY(importing.jobs, context.jobs());
  importing.only = context.arguments.positionals;
  if (context.arguments.flag("--update")) return update(context, importing);
  PHOTON_TRY(auto* store, context.store());
  Shown shown;
  auto made = run_imports(importing, *store, shown.work());
  shown.close(!made);
  if (!made) return tl::unexpected(made.error());
  if (context.json()) {
    json::array list;
    for (const auto& one : *made) list.push_back({{"name", one.recipe}, {"key", one.key}});
    PHOTON_CHECK(context.print_json({{"imports", std::move(list)}}));
  }
  context.tell(fmt::format("{} imports are in the store\n", made->size()));
  return 0;
}

}  // namespace

extern const Command import_command{
    "import", "make packages of the distribution's binaries", options, positionals, examples, run};

}  // namespace photon::forge
