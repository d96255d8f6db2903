#include "packages/forge/findings.hpp"

#include "devenv/core/name.hpp"

namespace photon::forge {
namespace {

Error about(const Recipe& recipe, std::string code, std::string message, std::string hint = {}) {
  return {Kind::failed, std::move(code), std::move(message), Place{recipe.spec, 0, 0}, std::move(hint)};
}

void look_at_sources(const Recipe& recipe, std::vector<Finding>& out) {
  for (const auto& name : recipe.missing) {
    Recipe one = recipe;
    one.missing = {name};
    out.push_back({true, check_sources(one).error()});
  }
  for (const auto& source : recipe.sources)
    if (source.tree.empty() && source.url.empty() && source.apt.empty())
      out.push_back({false, about(recipe, "lint.source",
                                  fmt::format("{} can be had from the store alone", shown(source.file)),
                                  "give it a url, or apt and apt_file")});
}

}  // namespace

std::vector<Finding> findings_of(const Graph& graph, const std::vector<Unread>& unread) {
  std::vector<Finding> out;
  for (const auto& one : unread) out.push_back({true, one.error});
  std::string_view before;
  for (const auto& recipe : graph.recipes) {
    look_at_sources(recipe, out);
    if (recipe.name == before)
      out.push_back({true, about(recipe, "lint.twice",
                                 fmt::format("another spec is called {}, too", shown(recipe.name)))});
    before = recipe.name;
  }
  for (const auto& need : graph.unmet)
    out.push_back(
        {true, about(graph.recipes[need.recipe], "lint.unmet",
                     fmt::format("nothing provides {}, which it needs to build", shown(need.text, 200)),
                     "add a recipe or an import, or mend the BuildRequires")});
  for (const auto& walk : graph.cycles)
    out.push_back(
        {true,
         {Kind::failed, "lint.cycle", fmt::format("recipes need each other: {}", fmt::join(walk, " → ")),
          std::nullopt, "an import of one of them opens the circle"}});
  return out;
}

}  // namespace photon::forge
