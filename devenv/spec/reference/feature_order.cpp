// The order in which features are installed.
#include <algorithm>

#include "devenv/spec/reference/feature_graph.hpp"
#include "devenv/spec/reference/text.hpp"

namespace photon::spec::reference {
namespace {

using Order = std::vector<std::size_t>;

int flag_order(bool a, bool b) { return a == b ? 0 : a ? 1 : -1; }

int compare_option(const Value& a, const Value& b) {
  if (a.text() && b.text()) return compare_locale(*a.text(), *b.text());
  if (a.flag() && b.flag()) return flag_order(*a.flag(), *b.flag());
  if (a.undefined() || b.undefined()) return a.undefined() == b.undefined() ? 0 : a.undefined() ? 1 : -1;
  return 0;
}

int compare_members(const Object& a, const Object& b) {
  if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  auto sorted = [](const Object& object) {
    auto names = object.names();
    std::sort(names.begin(), names.end(),
              [](const auto& x, const auto& y) { return code_units(x) < code_units(y); });
    return names;
  };
  auto left = sorted(a), right = sorted(b);
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (left[i] != right[i]) return compare_locale(left[i], right[i]);
    if (int order = compare_option(*a.find(left[i]), *b.find(left[i])); order != 0) return order;
  }
  return 0;
}

Result<int> compare_options(const Value& a, const Value& b) {
  if (a.text() && b.text()) return compare_locale(*a.text(), *b.text());
  if (a.flag() && b.flag()) return flag_order(*a.flag(), *b.flag());
  if (a.type() != "object" || b.type() != "object") return compare_locale(a.type(), b.type());
  PHOTON_CHECK(key_count(a));
  PHOTON_CHECK(key_count(b));
  return compare_members(spread(a), spread(b));
}

List names_of(const FeatureNode& node) {
  return node.aliases.empty() ? List{node.source.package.id} : node.aliases;
}

/// Zero: they are one, by any of the names that they have had.
int compare_packages(const FeatureNode& a, const FeatureNode& b) {
  const auto &mine = a.source.package, &theirs = b.source.package;
  auto left = mine.registry + "/" + mine.collection, right = theirs.registry + "/" + theirs.collection;
  if (left != right) return compare_locale(left, right);
  auto others = names_of(b);
  for (const auto& name : names_of(a))
    if (name.text() && !name.text()->empty() &&
        std::any_of(others.begin(), others.end(),
                    [&](const Value& other) { return other.text() && *other.text() == *name.text(); }))
      return 0;
  return compare_locale(mine.id, theirs.id);
}

Result<int> compare_registry(const FeatureNode& a, const FeatureNode& b) {
  PHOTON_TRY(int options, compare_options(a.options, b.options));
  const auto &mine = a.source.manifest.digest, &theirs = b.source.manifest.digest;
  if (mine == theirs && options == 0) return 0;
  if (int order = compare_packages(a, b); order != 0) return order;
  auto tag = [](const FeatureNode& node) { return node.source.package.tag.value_or(""); };
  if (!tag(a).empty() && !tag(b).empty() && tag(a) != tag(b)) return compare_locale(tag(a), tag(b));
  return options != 0 ? options : compare_locale(mine, theirs);
}

Result<bool> is_met(const FeatureGraph& graph, const FeatureNode& node, const Order& before,
                    const Order& installed) {
  for (auto needed : node.depends) {
    bool found = false;
    for (auto one : installed) {
      PHOTON_TRY(bool same, same_feature(graph.nodes[one], graph.nodes[needed]));
      found = found || same;
    }
    if (!found) return false;
  }
  return std::all_of(before.begin(), before.end(), [&](auto soft) {
    return std::any_of(installed.begin(), installed.end(),
                       [&](auto one) { return satisfies(graph.nodes[one], graph.nodes[soft]); });
  });
}

/// Of what comes before, what is wanted at all.
Order soft_needs(const FeatureGraph& graph, const FeatureNode& node) {
  Order kept;
  std::copy_if(node.after.begin(), node.after.end(), std::back_inserter(kept), [&](auto soft) {
    return std::any_of(graph.wanted.begin(), graph.wanted.end(),
                       [&](auto one) { return satisfies(graph.nodes[one], graph.nodes[soft]); });
  });
  return kept;
}

/// Of those whose needs are met the ones of the highest priority.
Result<Order> next_round(const FeatureGraph& graph, const Order& left, const Order& installed) {
  Order round;
  for (auto at : left) {
    const auto& node = graph.nodes[at];
    PHOTON_TRY(bool met, is_met(graph, node, soft_needs(graph, node), installed));
    if (!met || (!round.empty() && graph.nodes[round.front()].priority > node.priority)) continue;
    if (!round.empty() && graph.nodes[round.front()].priority < node.priority) round.clear();
    // Sorted as it comes in: behind those that it does not precede.
    auto place = round.end();
    while (place != round.begin()) {
      PHOTON_TRY(int order, compare_features(node, graph.nodes[*std::prev(place)]));
      if (order >= 0) break;
      --place;
    }
    round.insert(place, at);
  }
  return round;
}

}  // namespace

Result<int> compare_features(const FeatureNode& a, const FeatureNode& b) {
  if (a.source.kind != b.source.kind) return compare_locale(a.source.user_id, b.source.user_id);
  if (a.source.kind == FeatureKind::registry) return compare_registry(a, b);
  if (int order = compare_locale(a.source.place, b.source.place); order != 0) return order;
  return compare_options(a.options, b.options);
}

Result<bool> same_feature(const FeatureNode& a, const FeatureNode& b) {
  if (a.source.kind != b.source.kind) return false;
  PHOTON_TRY(int order, compare_features(a, b));
  return order == 0;
}

Result<std::vector<std::size_t>> install_order(const FeatureGraph& graph) {
  auto left = graph.wanted;
  Order installed;
  while (!left.empty()) {
    PHOTON_TRY(auto round, next_round(graph, left, installed));
    if (round.empty()) {
      std::vector<std::string> ids;
      for (auto at : left) ids.push_back(graph.nodes[at].id);
      return fail(Kind::failed, "reference.circle",
                  fmt::format("Circular dependency of features: {}", fmt::join(ids, ", ")));
    }
    Order others;
    for (auto at : left) {
      bool taken = false;
      for (auto one : round) {
        PHOTON_TRY(bool same, same_feature(graph.nodes[one], graph.nodes[at]));
        taken = taken || same;
      }
      if (!taken) others.push_back(at);
    }
    left = std::move(others);
    std::move(round.begin(), round.end(), std::back_inserter(installed));
  }
  return installed;
}

}  // namespace photon::spec::reference
