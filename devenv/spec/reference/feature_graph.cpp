#include "devenv/spec/reference/feature_graph.hpp"

#include <algorithm>
#include <deque>

namespace photon::spec::reference {
namespace {

constexpr std::size_t most_features = 1000;

Value first_words(const FeatureNode& node) {
  Object said;
  said.set("id", node.source.id);
  if (node.source.kind == FeatureKind::registry) {
    said.set("included", true);
    said.set("value", node.options);
    return said;
  }
  said.set("name", node.id);
  said.set("value", node.options);
  said.set("included", true);
  return said;
}

Result<List> aliases_of(const Value& metadata) {
  const Value& current = metadata.at("currentId");
  List aliases{current.truthy() ? current : metadata.at("id")};
  const Value& old = metadata.at("legacyIds");
  if (!old.truthy()) return aliases;
  if (!old.list()) return type_error("legacyIds is not iterable");
  aliases.insert(aliases.end(), old.list()->begin(), old.list()->end());
  return aliases;
}

class Builder {
 public:
  Builder(Soft soft, const FeatureInputs& inputs) : soft_(soft), inputs_(inputs) {}

  Result<FeatureGraph> build(const Object& asked) {
    PHOTON_CHECK(add(asked, std::nullopt));
    while (!waiting_.empty()) {
      auto at = waiting_.front();
      waiting_.pop_front();
      PHOTON_CHECK(look_up_node(at));
      PHOTON_TRY(bool known, is_known(at));
      if (known) continue;
      if (graph_.wanted.size() >= most_features)
        return could_not_process(graph_.nodes[at].id, "there are too many");
      PHOTON_CHECK(read(at));
      graph_.wanted.push_back(at);
    }
    if (soft_ == Soft::that_count) PHOTON_CHECK(look_up_that_count());
    return std::move(graph_);
  }

 private:
  /// Puts features into the queue, and among what `from` needs.
  Result<void> add(const Object& wanted, std::optional<std::size_t> from) {
    Result<void> failed;
    wanted.each([&](const std::string& id, const Value& options) {
      if (!failed) return;
      auto at = make(id, options, !from);
      if (!at) {
        failed = tl::unexpected(std::move(at.error()));
        return;
      }
      if (from) graph_.nodes[*from].depends.push_back(*at);
      waiting_.push_back(*at);
    });
    return failed;
  }

  Result<std::size_t> make(const std::string& id, const Value& options, bool asked_for) {
    FeatureNode node;
    node.asked_for = asked_for;
    node.id = of_today(id);
    node.options = options;
    PHOTON_TRY(node.source, read_feature_id(id, inputs_));
    graph_.nodes.push_back(std::move(node));
    return graph_.nodes.size() - 1;
  }

  Result<void> look_up_node(std::size_t at) {
    auto& node = graph_.nodes[at];
    PHOTON_CHECK(look_up(node.source, inputs_));
    node.said = first_words(node);
    return {};
  }

  Result<bool> is_known(std::size_t at) {
    for (auto known : graph_.wanted) {
      PHOTON_TRY(bool same, same_feature(graph_.nodes[known], graph_.nodes[at]));
      if (same) return true;
    }
    return false;
  }

  Result<void> read(std::size_t at) {
    PHOTON_TRY(auto metadata, metadata_of(graph_.nodes[at].source, inputs_));
    if (!metadata.truthy()) return {};
    auto said = spread(graph_.nodes[at].said);
    spread(metadata).each([&](const std::string& name, const Value& value) { said.set(name, value); });
    graph_.nodes[at].said = std::move(said);
    PHOTON_TRY(graph_.nodes[at].aliases, aliases_of(metadata));
    PHOTON_CHECK(add(spread(metadata.at("dependsOn")), at));
    const Value& after = metadata.at("installsAfter");
    if (!after.truthy()) return {};
    if (!after.list()) return type_error("installsAfter is not iterable");
    for (const auto& one : *after.list()) PHOTON_CHECK(add_after(one, at));
    return {};
  }

  Result<void> add_after(const Value& one, std::size_t at) {
    if (!one.text()) return type_error("userFeatureId.includes is not a function");
    PHOTON_TRY(auto before, make(*one.text(), Object(), false));
    graph_.nodes[at].after.push_back(before);
    if (soft_ == Soft::all) return know_names(before);
    graph_.nodes[before].said = first_words(graph_.nodes[before]);
    return {};
  }

  /// The names that it has had: another feature may be asked for by one of them.
  Result<void> know_names(std::size_t at) {
    PHOTON_CHECK(look_up_node(at));
    auto& node = graph_.nodes[at];
    if (node.source.kind != FeatureKind::registry) return {};
    PHOTON_TRY(auto metadata, metadata_of(node.source, inputs_));
    if (metadata.truthy()) {
      PHOTON_TRY(node.aliases, aliases_of(metadata));
    }
    return {};
  }

  /// A former name can only be one of the same collection, and a name that is wanted needs no look-up.
  bool may_be_wanted(const FeatureNode& soft) const {
    if (soft.source.kind != FeatureKind::registry) return false;
    bool neighbour = false;
    for (auto at : graph_.wanted) {
      const auto& source = graph_.nodes[at].source;
      if (source.kind != FeatureKind::registry) continue;
      if (source.place == soft.source.place) return false;
      neighbour = neighbour || (source.package.registry == soft.source.package.registry &&
                                source.package.collection == soft.source.package.collection);
    }
    return neighbour;
  }

  Result<void> look_up_that_count() {
    for (auto at : graph_.wanted)
      for (auto before : graph_.nodes[at].after)
        if (may_be_wanted(graph_.nodes[before])) PHOTON_CHECK(know_names(before));
    return {};
  }

  Soft soft_;
  const FeatureInputs& inputs_;
  std::deque<std::size_t> waiting_;
  FeatureGraph graph_;
};

/// The first of N has priority N, the last one 1.
Result<void> set_priorities(FeatureGraph& graph, const Value& order, Soft soft, const FeatureInputs& inputs) {
  if (!order.truthy()) return {};
  if (!order.list()) return type_error("overrideFeatureInstallOrder is not a list");
  const auto& ids = *order.list();
  for (std::size_t i = ids.size(); i-- > 0;) {
    if (!ids[i].text()) return type_error("userFeatureId.includes is not a function");
    FeatureNode node;
    PHOTON_TRY(node.source, read_feature_id(*ids[i].text(), inputs));
    if (soft == Soft::all) PHOTON_CHECK(look_up(node.source, inputs));
    for (auto at : graph.wanted)
      if (satisfies(graph.nodes[at], node))
        graph.nodes[at].priority = std::max(graph.nodes[at].priority, ids.size() - i);
  }
  return {};
}

}  // namespace

bool satisfies(const FeatureNode& node, const FeatureNode& soft) {
  const auto &mine = node.source, &theirs = soft.source;
  if (mine.kind != theirs.kind) return false;
  if (mine.place == theirs.place) return true;
  if (mine.kind != FeatureKind::registry) return false;
  auto prefix = theirs.package.registry + "/" + theirs.package.collection + "/";
  return std::any_of(soft.aliases.begin(), soft.aliases.end(),
                     [&](const Value& alias) { return prefix + alias.to_text() == mine.place; });
}

Result<FeatureGraph> feature_graph(const Object& asked, const Value& order, Soft soft,
                                   const FeatureInputs& inputs) {
  PHOTON_TRY(auto graph, Builder(soft, inputs).build(asked));
  PHOTON_CHECK(set_priorities(graph, order, soft, inputs));
  return graph;
}

}  // namespace photon::spec::reference
