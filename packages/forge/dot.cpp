#include "packages/forge/dot.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <map>

namespace photon::forge {
namespace {

std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (char c : text) out += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  return out + "\"";
}

json::array texts(const std::vector<std::string>& list) {
  json::array out;
  for (const auto& one : list) out.emplace_back(one);
  return out;
}

json::array names(const std::vector<std::string>& labels, const std::vector<std::size_t>& list) {
  json::array out;
  for (auto one : list) out.emplace_back(labels[one]);
  return out;
}

json::array needs_json(const std::vector<std::string>& labels, const std::vector<Graph::Need>& needs) {
  json::array out;
  for (const auto& need : needs) out.push_back({{"recipe", labels[need.recipe]}, {"needs", need.text}});
  return out;
}

}  // namespace

std::vector<std::string> labels_of(const Graph& graph) {
  std::map<std::string, int> times;
  for (const auto& recipe : graph.recipes) ++times[recipe.name];
  std::vector<std::string> out;
  for (const auto& recipe : graph.recipes)
    out.push_back(times[recipe.name] == 1 ? recipe.name : fmt::format("{} {}", recipe.name, recipe.version));
  return out;
}

std::string dot_of(const Graph& graph) {
  auto labels = labels_of(graph);
  std::string out = "digraph recipes {\n  rankdir=LR;\n  node [shape=box];\n";
  for (const auto& group : graph.groups)
    for (auto member : group)
      out += fmt::format("  {}{};\n", in_quotes(labels[member]), group.size() > 1 ? " [color=red]" : "");
  for (std::size_t from = 0; from < graph.needs.size(); ++from)
    for (auto to : graph.needs[from])
      out += fmt::format("  {} -> {};\n", in_quotes(labels[from]), in_quotes(labels[to]));
  return out + "}\n";
}

json::value json_of(const Graph& graph, const std::vector<Unread>& unread) {
  auto labels = labels_of(graph);
  json::array recipes, cycles, groups, errors;
  for (std::size_t i = 0; i < graph.recipes.size(); ++i) {
    const auto& recipe = graph.recipes[i];
    recipes.push_back({{"name", labels[i]},
                       {"version", recipe.version},
                       {"spec", recipe.spec},
                       {"digest", recipe.digest},
                       {"dynamic_build_requires", recipe.dynamic_build_requires},
                       {"assumed", texts(recipe.assumed)},
                       {"needs", names(labels, graph.needs[i])}});
  }
  for (const auto& walk : graph.cycles) {
    auto& out = cycles.emplace_back(json::array()).as_array();
    for (const auto& name : walk) out.emplace_back(name);
  }
  for (const auto& group : graph.groups) groups.emplace_back(names(labels, group));
  for (const auto& one : unread) errors.push_back({{"spec", one.spec}, {"error", to_json(one.error)}});
  return {{"recipes", std::move(recipes)},
          {"groups", std::move(groups)},
          {"order", names(labels, graph.order)},
          {"cycles", std::move(cycles)},
          {"mended", needs_json(labels, graph.mended)},
          {"unmet", needs_json(labels, graph.unmet)},
          {"critical", names(labels, critical_path(graph))},
          {"unread", std::move(errors)}};
}

}  // namespace photon::forge
