#include "packages/forge/findings.hpp"

#include <boost/json/array.hpp>

#include <filesystem>

#include "packages/forge/commands/commands.hpp"

namespace photon::forge {
namespace {

constexpr Option options[] = {packages_option, arch_option, jobs_option};
constexpr Positional positionals[] = {
    {.name = "NAME", .help = "of these recipes alone", .completes = Completes::packages, .repeats = true}};
constexpr Example examples[] = {{"forge lint", "look through every recipe"},
                                {"forge lint openssh", "through one"},
                                {"forge lint --json | jq -r '.findings[].error.message'", "for scripts"}};

Result<Recipes> read(Context& context, const std::string& packages, const std::string& arch) {
  ReadOptions reading{.arch = arch, .cache = default_store() + "/recipes"};
  PHOTON_TRY(reading.jobs, context.jobs());
  std::error_code error;
  if (std::filesystem::is_regular_file(packages + "/macros", error)) reading.macros = packages + "/macros";
  Shown shown;
  auto recipes = read_recipes(packages + "/specs", reading, shown.work());
  shown.close(!recipes);
  return recipes;
}

/// Of what was named on the command line: the finding's spec is that recipe's.
bool wanted(const Context& context, const Finding& finding) {
  const auto& names = context.arguments.positionals;
  if (names.empty()) return true;
  if (!finding.what.where) return false;
  auto stem = std::filesystem::path(finding.what.where->file).parent_path().filename().string();
  return std::find(names.begin(), names.end(), stem) != names.end();
}

Result<int> run(Context& context) {
  PHOTON_TRY(auto packages, context.packages());
  PHOTON_TRY(auto arch, context.arch());
  PHOTON_TRY(auto imports, import_names(context, packages, arch));
  PHOTON_TRY(auto recipes, read(context, packages, arch));
  auto count = recipes.recipes.size() + recipes.unread.size();
  auto graph = make_graph(std::move(recipes.recipes), imports);
  // Of imports the names are known, not their files nor what they provide; without imports not even those.
  std::erase_if(graph.unmet, [&](const Graph::Need& need) {
    return imports.empty() || need.text.find_first_of("/(") != need.text.npos;
  });
  json::array list;
  std::size_t errors = 0, warnings = 0;
  for (const auto& finding : findings_of(graph, recipes.unread)) {
    if (!wanted(context, finding)) continue;
    ++(finding.error ? errors : warnings);
    list.push_back({{"severity", finding.error ? "error" : "warning"}, {"error", to_json(finding.what)}});
    if (!context.json())
      PHOTON_CHECK(context.print(
          render(finding.error ? "error" : "warning", finding.what, look_at(1), context.verbose())));
  }
  if (context.json()) PHOTON_CHECK(context.print_json({{"recipes", count}, {"findings", std::move(list)}}));
  context.tell(fmt::format("{} recipes: {} errors, {} warnings\n", count, errors, warnings));
  return errors == 0 ? 0 : 1;
}

}  // namespace

extern const Command lint_command{"lint", "look for faults in recipes", options, positionals, examples, run};

}  // namespace photon::forge
