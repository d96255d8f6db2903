#include "devenv/feature/order.hpp"

#include "devenv/core/name.hpp"
#include "devenv/spec/reference/text.hpp"

namespace photon::feature {
namespace {

using spec::reference::compare_locale;

/// By what the reference goes, for two machines shall install alike.
int compare(const Feature& a, const Feature& b) {
  if (same(a, b)) return 0;
  if (a.id.sort != b.id.sort) return compare_locale(a.id.text, b.id.text);
  if (a.id.sort != Sort::registry)
    if (int order = compare_locale(a.id.resource, b.id.resource); order != 0) return order;
  if (a.id.sort == Sort::registry) {
    auto [a_space, a_name] = split_resource(a.id.resource);
    auto [b_space, b_name] = split_resource(b.id.resource);
    if (int order = compare_locale(a_space, b_space); order != 0) return order;
    if (int order = compare_locale(a_name, b_name); order != 0 && !is_meant(a, b.id) && !is_meant(b, a.id))
      return order;
    if (int order = compare_locale(a.id.reference.tag, b.id.reference.tag); order != 0) return order;
  }
  if (a.options.size() != b.options.size()) return a.options.size() < b.options.size() ? -1 : 1;
  for (auto left = a.options.begin(), right = b.options.begin(); left != a.options.end(); ++left, ++right) {
    if (int order = compare_locale(left->first, right->first); order != 0) return order;
    if (int order = compare_locale(left->second, right->second); order != 0) return order;
  }
  return compare_locale(a.digest, b.digest);
}

class Order {
 public:
  explicit Order(std::vector<Node> nodes) : nodes_(std::move(nodes)), done_(nodes_.size()) {}

  Result<std::vector<Feature>> run() {
    std::vector<Feature> sorted;
    while (sorted.size() < nodes_.size()) {
      auto round = next_round();
      if (round.empty()) return circle();
      for (auto index : round) {
        done_[index] = true;
        sorted.push_back(nodes_[index].feature);
      }
    }
    return sorted;
  }

 private:
  [[nodiscard]] bool is_ready(const Node& node) const {
    for (auto needed : node.needs)
      if (!done_[needed]) return false;
    for (const auto& before : node.after)
      for (std::size_t i = 0; i < nodes_.size(); ++i)
        if (!done_[i] && &nodes_[i] != &node && is_meant(nodes_[i].feature, before)) return false;
    return true;
  }

  [[nodiscard]] std::vector<std::size_t> next_round() const {
    std::vector<std::size_t> round;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      if (done_[i] || !is_ready(nodes_[i])) continue;
      if (!round.empty() && nodes_[round[0]].priority > nodes_[i].priority) continue;
      if (!round.empty() && nodes_[round[0]].priority < nodes_[i].priority) round.clear();
      round.push_back(i);
    }
    std::stable_sort(round.begin(), round.end(),
                     [this](auto a, auto b) { return compare(nodes_[a].feature, nodes_[b].feature) < 0; });
    return round;
  }

  [[nodiscard]] tl::unexpected<Error> circle() const {
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < nodes_.size(); ++i)
      if (!done_[i]) ids.push_back(shown(nodes_[i].feature.wish.id, 200));
    return fail(Kind::usage, "feature.circle",
                fmt::format("features need each other in a circle: {}", fmt::join(ids, ", ")),
                "take one of them out, or have its author mend dependsOn or installsAfter");
  }

  std::vector<Node> nodes_;
  std::vector<bool> done_;
};

}  // namespace

bool same(const Feature& a, const Feature& b) { return a.digest == b.digest && a.options == b.options; }

bool is_meant(const Feature& feature, const Id& by) {
  if (feature.id.sort != by.sort) return false;
  if (feature.id.resource == by.resource) return true;
  if (by.sort != Sort::registry) return false;
  auto [own_space, own_name] = split_resource(feature.id.resource);
  auto [space, name] = split_resource(by.resource);
  if (own_space != space) return false;
  const auto& said = feature.metadata;
  return name == said.id || (!said.current_id.empty() && name == said.current_id) ||
         std::find(said.legacy_ids.begin(), said.legacy_ids.end(), name) != said.legacy_ids.end();
}

Result<std::vector<Feature>> in_order(std::vector<Node> nodes) { return Order(std::move(nodes)).run(); }

}  // namespace photon::feature
