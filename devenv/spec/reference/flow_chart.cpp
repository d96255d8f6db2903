// The graph of features as text: a flow chart, its nodes called by a sum of all that is known of them.
#include "devenv/core/digest.hpp"
#include "devenv/spec/reference/feature_graph.hpp"

namespace photon::spec::reference {
namespace {

/// What is summed up for a name holds all that hangs from it: a long chain of features would be gigabytes.
constexpr std::size_t most_bytes = 64 << 20;

class Chart {
 public:
  explicit Chart(const FeatureGraph& graph) : graph_(graph) {}

  Result<std::string> text() {
    std::string all = "flowchart\n";
    for (auto at : graph_.wanted) {
      if (!graph_.nodes[at].asked_for) continue;
      PHOTON_TRY(auto root, name_of(at));
      all += root + "\n";
      std::string lines;
      PHOTON_CHECK(put_below(at, lines));
      all += lines;
    }
    return all;
  }

 private:
  /// The node with all below it, in the order in which the reference came to know its members.
  Value whole(std::size_t at) {
    const auto& node = graph_.nodes[at];
    auto list = [&](const std::vector<std::size_t>& nodes) {
      List made;
      for (auto one : nodes) made.push_back(whole(one));
      return made;
    };
    Object set, said;
    set.set("sourceInformation", node.source.information());
    set.set("features", List{node.said});
    said.set("type", node.asked_for ? "user-provided" : "resolved");
    said.set("userFeatureId", node.id);
    said.set("options", node.options);
    if (!node.asked_for) said.set("featureSet", set);
    said.set("dependsOn", list(node.depends));
    said.set("installsAfter", list(node.after));
    said.set("roundPriority", static_cast<double>(node.priority));
    if (node.asked_for) said.set("featureSet", std::move(set));
    if (!node.aliases.empty()) said.set("featureIdAliases", node.aliases);
    return said;
  }

  Result<std::string> name_of(std::size_t at) {
    auto& known = names_[at];
    if (!known.empty()) return known;
    const auto& node = graph_.nodes[at];
    auto text = write(whole(at));
    written_ += text.size();
    if (written_ > most_bytes)
      return fail(Kind::failed, "reference.chart", "the graph of these features is too large to be drawn");
    std::string aliases;
    if (!node.aliases.empty()) {
      for (const auto& alias : node.aliases)
        aliases += (aliases.empty() ? "<br>aliases: " : ", ") + (alias.nothing() ? "" : alias.to_text());
    }
    known = fmt::format("{}[{}<br/><{}>{}]", sha256_hex(text).substr(0, 6), node.id, node.priority, aliases);
    return known;
  }

  Result<void> put_edge(std::size_t from, std::string_view arrow, std::size_t to, std::string& lines) {
    PHOTON_TRY(auto left, name_of(from));
    PHOTON_TRY(auto right, name_of(to));
    lines += fmt::format("{} {} {}\n", left, arrow, right);
    return {};
  }

  Result<void> put_below(std::size_t at, std::string& lines) {
    for (auto needed : graph_.nodes[at].depends) {
      for (auto one : graph_.wanted) {
        PHOTON_TRY(bool same, same_feature(graph_.nodes[one], graph_.nodes[needed]));
        if (same) PHOTON_CHECK(put_edge(at, "-->", one, lines));
      }
      PHOTON_CHECK(put_below(needed, lines));
    }
    for (auto soft : graph_.nodes[at].after) {
      for (auto one : graph_.wanted)
        if (satisfies(graph_.nodes[one], graph_.nodes[soft])) PHOTON_CHECK(put_edge(at, "-.->", one, lines));
      PHOTON_CHECK(put_below(soft, lines));
    }
    return {};
  }

  const FeatureGraph& graph_;
  std::map<std::size_t, std::string> names_;
  std::size_t written_ = 0;
};

}  // namespace

Result<std::string> flow_chart(const FeatureGraph& graph) { return Chart(graph).text(); }

}  // namespace photon::spec::reference
