#include <filesystem>

#include "packages/forge/commands/commands.hpp"
#include "packages/forge/dot.hpp"

namespace photon::forge {
namespace {

constexpr Option options[] = {
    {"--specs", "", "DIR", "a folder of specs, anybody's, instead of this checkout's", false,
     Completes::folders},
    {"--format", "", "FORMAT", "text, dot (for Graphviz), json or names", false, Completes::words,
     "text dot json names"},
    {"--critical", "", "", "the longest chain of recipes that wait for each other"},
    {"--define", "-D", "MACRO", "an rpm macro, 'NAME VALUE'", true},
    {"--macros", "", "FILE", "a file of rpm macros, read after our own", true, Completes::files},
    {"--strict", "", "", "exit with 1 where a spec cannot be read or recipes need each other in a circle"},
    packages_option,
    arch_option,
    jobs_option,
};
constexpr Example examples[] = {
    {"forge graph", "what is built before what, and what needs itself"},
    {"forge graph --format dot | dot -Tsvg > graph.svg", "a picture"},
    {"forge graph --specs ~/src/distribution/SPECS", "the order of somebody else's specs"}};

Result<Graph> read_graph(Context& context, std::vector<Unread>& unread) {
  ReadOptions reading;
  PHOTON_TRY(reading.arch, context.arch());
  PHOTON_TRY(reading.jobs, context.jobs());
  reading.defines = context.arguments.all("--define");
  reading.more_macros = context.arguments.all("--macros");
  reading.cache = default_store() + "/recipes";
  auto specs = context.arguments.text("--specs");
  reading.lenient = !specs.empty();
  std::vector<std::string> imports;
  if (specs.empty()) {
    PHOTON_TRY(auto packages, context.packages());
    specs = packages + "/specs";
    std::error_code error;
    if (std::filesystem::is_regular_file(packages + "/macros", error)) reading.macros = packages + "/macros";
    PHOTON_TRY(imports, import_names(context, packages, reading.arch));
  }
  Shown shown;
  auto recipes = read_recipes(specs, reading, shown.work());
  shown.close(!recipes);
  if (!recipes) return tl::unexpected(recipes.error());
  unread = std::move(recipes->unread);
  return make_graph(std::move(recipes->recipes), imports);
}

std::string text_of(const Graph& graph) {
  auto labels = labels_of(graph);
  std::string out;
  std::size_t widest = 0, number = 0;
  for (const auto& label : labels) widest = std::max(widest, columns_of(label));
  widest = std::min<std::size_t>(widest, 40);
  for (const auto& group : graph.groups) {
    ++number;
    for (auto member : group) {
      std::vector<std::string_view> needs;
      for (auto need : graph.needs[member]) needs.emplace_back(labels[need]);
      out += fmt::format("{:>5}{} {}  {}\n", number, group.size() > 1 ? "*" : " ",
                         padded(labels[member], widest), fmt::join(needs, " "));
    }
  }
  if (!graph.cycles.empty()) out += "\ncycles (recipes with * need each other):\n";
  for (const auto& walk : graph.cycles) out += fmt::format("  {}\n", fmt::join(walk, " → "));
  return out;
}

void tell_story(Context& context, const Graph& graph, const std::vector<Unread>& unread) {
  auto look = look_at(2);
  for (const auto& one : unread) context.tell(render("forge", one.error, look, context.verbose()));
  if (context.verbose())
    for (const auto& recipe : graph.recipes)
      for (const auto& macro : recipe.assumed)
        context.tell(fmt::format("{}: read with the macro {}, which nothing defines\n", recipe.spec, macro));
  std::size_t knots = 0;
  for (const auto& group : graph.groups) knots += group.size() > 1 ? 1 : 0;
  context.tell(fmt::format("{} of {} specs read, {} recipes in an order, {} {} in {} {}\n",
                           graph.recipes.size(), graph.recipes.size() + unread.size(), graph.order.size(),
                           graph.cycles.size(), graph.cycles.size() == 1 ? "cycle" : "cycles", knots,
                           knots == 1 ? "knot" : "knots"));
  for (const auto& need : graph.mended)
    if (context.verbose())
      context.tell(fmt::format("{} takes {} from an import, for it closes a cycle\n",
                               graph.recipes[need.recipe].name, need.text));
}

Result<int> run(Context& context) {
  std::vector<Unread> unread;
  PHOTON_TRY(auto graph, read_graph(context, unread));
  auto format = context.json() ? "json" : context.arguments.text("--format", "text");
  std::string answer;
  if (context.arguments.flag("--critical") && format != "json") {
    auto labels = labels_of(graph);
    for (auto one : critical_path(graph)) answer += labels[one] + "\n";
  } else if (format == "names") {
    for (const auto& recipe : graph.recipes) answer += recipe.name + "\n";
  } else {
    answer = format == "dot"    ? dot_of(graph)
             : format == "json" ? write_json_pretty(json_of(graph, unread))
                                : text_of(graph);
  }
  PHOTON_CHECK(context.print(answer));
  tell_story(context, graph, unread);
  return context.arguments.flag("--strict") && (!unread.empty() || !graph.cycles.empty()) ? 1 : 0;
}

}  // namespace

extern const Command graph_command{
    "graph", "show what is built before what, and the cycles", options, {}, examples, run};

}  // namespace photon::forge
