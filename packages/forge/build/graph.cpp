#include "packages/forge/build/graph.hpp"

#include <algorithm>
#include <set>

#include "packages/forge/build/providers.hpp"
#include "packages/forge/build/strong.hpp"

namespace photon::forge {
namespace {

struct Edge {
  std::size_t to = 0;
  std::string text{};     ///< the BuildRequires
  bool imported = false;  ///< an import provides the same
};

class Builder {
 public:
  Builder(std::vector<Recipe> recipes, const std::vector<std::string>& provided) {
    graph_.recipes = std::move(recipes);
    for (const auto& text : provided) imports_.insert(relation_from(text).name);
    edges_.resize(graph_.recipes.size());
  }

  Graph build() {
    Providers providers(graph_.recipes);
    for (std::size_t i = 0; i < graph_.recipes.size(); ++i)
      for (const auto& text : graph_.recipes[i].build_requires) add(providers, i, text);
    mend();
    fill_needs();
    graph_.groups = strong_components(graph_.needs);
    for (const auto& group : graph_.groups) name_cycles(group);
    fill_order();
    return std::move(graph_);
  }

 private:
  [[nodiscard]] bool imported(const std::vector<Relation>& way) const {
    return std::all_of(way.begin(), way.end(),
                       [&](const Relation& one) { return imports_.contains(one.name); });
  }

  /// The first way that recipes and imports can go; what none can is unmet.
  void add(const Providers& providers, std::size_t from, const std::string& text) {
    auto ways = ways_to_satisfy(text);
    bool any_import = std::any_of(ways.begin(), ways.end(), [&](const auto& way) { return imported(way); });
    for (const auto& way : ways) {
      std::vector<std::size_t> found;
      bool whole = true;
      for (const auto& one : way) {
        auto by = providers.of(one);
        // A recipe that provides what it asks for itself may have it from another.
        auto other = std::find_if(by.begin(), by.end(), [&](std::size_t recipe) { return recipe != from; });
        if (other != by.end())
          found.push_back(*other);
        else if (!by.empty())
          found.push_back(from);
        else
          whole = whole && imports_.contains(one.name);
      }
      if (!whole) continue;
      for (auto to : found) edges_[from].push_back({to, text, any_import});
      return;
    }
    graph_.unmet.push_back({from, text});
  }

  /// Edges within a cycle that an import can take over are dropped, all of a cycle's: which of them would do
  /// must not depend on the order in which recipes are read.
  void mend() {
    fill_needs();
    auto groups = strong_components(graph_.needs);
    std::vector<std::size_t> group_of(graph_.recipes.size());
    for (std::size_t g = 0; g < groups.size(); ++g)
      for (auto member : groups[g]) group_of[member] = g;
    for (std::size_t from = 0; from < edges_.size(); ++from)
      std::erase_if(edges_[from], [&](const Edge& edge) {
        bool drop = edge.imported && group_of[from] == group_of[edge.to];
        if (drop) graph_.mended.push_back({from, edge.text});
        return drop;
      });
  }

  void fill_needs() {
    graph_.needs.assign(edges_.size(), {});
    for (std::size_t from = 0; from < edges_.size(); ++from) {
      std::set<std::size_t> unique;
      for (const auto& edge : edges_[from]) unique.insert(edge.to);
      graph_.needs[from].assign(unique.begin(), unique.end());
    }
  }

  void name_cycles(const std::vector<std::size_t>& group) {
    for (const auto& walk : cycles_of(graph_.needs, group)) {
      auto& names = graph_.cycles.emplace_back();
      for (auto recipe : walk) names.push_back(graph_.recipes[recipe].name);
    }
  }

  void fill_order() {
    std::vector<bool> good(graph_.recipes.size(), false);
    for (const auto& group : graph_.groups) {
      auto one = group.front();
      const auto& needs = graph_.needs[one];
      if (group.size() > 1 ||
          !std::all_of(needs.begin(), needs.end(), [&](std::size_t need) { return good[need]; }))
        continue;
      good[one] = true;
      graph_.order.push_back(one);
    }
  }

  Graph graph_;
  std::set<std::string, std::less<>> imports_;
  std::vector<std::vector<Edge>> edges_;
};

}  // namespace

Graph make_graph(std::vector<Recipe> recipes, const std::vector<std::string>& provided) {
  std::stable_sort(recipes.begin(), recipes.end(),
                   [](const Recipe& a, const Recipe& b) { return a.name < b.name; });
  return Builder(std::move(recipes), provided).build();
}

std::vector<std::size_t> critical_path(const Graph& graph, const std::vector<double>& cost) {
  auto seconds = [&](std::size_t recipe) { return recipe < cost.size() ? cost[recipe] : 1.0; };
  std::vector<std::size_t> group_of(graph.recipes.size());
  std::vector<double> until(graph.groups.size(), 0);
  std::vector<std::size_t> before(graph.groups.size(), graph.groups.size());
  std::size_t last = graph.groups.size();
  for (std::size_t g = 0; g < graph.groups.size(); ++g) {
    double own = 0;
    for (auto member : graph.groups[g]) {
      group_of[member] = g;
      own += seconds(member);
    }
    for (auto member : graph.groups[g])
      for (auto need : graph.needs[member])
        if (group_of[need] != g &&
            (before[g] == graph.groups.size() || until[group_of[need]] > until[before[g]]))
          before[g] = group_of[need];
    until[g] = own + (before[g] == graph.groups.size() ? 0 : until[before[g]]);
    if (last == graph.groups.size() || until[g] > until[last]) last = g;
  }
  std::vector<std::size_t> path;
  for (auto g = last; g < graph.groups.size(); g = before[g])
    path.insert(path.begin(), graph.groups[g].begin(), graph.groups[g].end());
  return path;
}

}  // namespace photon::forge
