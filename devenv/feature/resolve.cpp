#include <boost/json/object.hpp>
#include <deque>

#include "devenv/core/name.hpp"
#include "devenv/feature/feature.hpp"
#include "devenv/feature/local.hpp"

namespace photon::feature {
namespace {

constexpr std::size_t most_features = 200;
constexpr std::size_t metadata_limit = 1 << 20;

/// From the features that are asked for to all that they need.
class Graph {
 public:
  Graph(const Wanted& wanted, const Sources& sources, const Work& work)
      : wanted_(wanted), sources_(sources), fetcher_(sources, work), work_(work), folder_(config_folder()) {}

  Result<Resolution> run() {
    for (const auto& wish : wanted_.wishes) waiting_.push_back({wish, {}});
    while (!waiting_.empty()) {
      if (work_.stopped()) return cancelled();
      auto next = std::move(waiting_.front());
      waiting_.pop_front();
      auto added = add(next);
      if (!added) return placed(std::move(added.error()), next.wish);
    }
    set_priorities();
    PHOTON_TRY(made_.features, in_order(std::move(nodes_)));
    return std::move(made_);
  }

 private:
  struct Wish {
    spec::FeatureWish wish;
    std::optional<std::size_t> needed_by;
  };

  /// Of the devcontainer.json, from the workspace on.
  [[nodiscard]] std::string config_folder() const {
    auto folder = wanted_.config_path.substr(0, wanted_.config_path.rfind('/'));
    if (folder.starts_with(wanted_.workspace + "/")) return folder.substr(wanted_.workspace.size() + 1);
    return folder == wanted_.workspace ? "" : ".devcontainer";
  }

  static tl::unexpected<Error> placed(Error error, const spec::FeatureWish& wish) {
    if (!error.where && wish.where.line != 0) error.where = wish.where;
    return within(std::move(error), fmt::format("while looking for the feature {}", shown(wish.id, 200)));
  }

  Result<void> add(const Wish& next) {
    PHOTON_TRY(auto feature, read(next.wish));
    auto known = std::find_if(nodes_.begin(), nodes_.end(),
                              [&](const Node& node) { return same(node.feature, feature); });
    auto index = static_cast<std::size_t>(known - nodes_.begin());
    if (next.needed_by) nodes_[*next.needed_by].needs.push_back(index);
    if (known != nodes_.end()) return {};
    if (nodes_.size() >= most_features)
      return fail(Kind::usage, "feature.bounds",
                  fmt::format("there are more than {} features", most_features));
    Node node{std::move(feature), {}, {}, 0};
    for (const auto& before : node.feature.metadata.installs_after)
      // What cannot be read as a name can be no name of ours.
      if (auto id = parse_id(before, folder_, sources_.registries)) node.after.push_back(std::move(*id));
    for (const auto& needed : node.feature.metadata.depends_on) waiting_.push_back({needed, index});
    note(node.feature);
    nodes_.push_back(std::move(node));
    return {};
  }

  Result<Feature> read(const spec::FeatureWish& wish) {
    PHOTON_TRY(auto id, parse_id(wish.id, folder_, sources_.registries));
    PHOTON_TRY(auto found, id.sort == Sort::local ? local(id) : fetcher_.fetch(id, fixed(id)));
    auto file = fmt::format("{}/{}", found.files, metadata_file);
    auto text = read_file(file, metadata_limit);
    if (!text)
      return fail(Kind::corrupt, "feature.metadata",
                  fmt::format("{} has no {}", shown(wish.id, 200), metadata_file),
                  "a feature's folder holds that and an install.sh");
    PHOTON_TRY(auto metadata,
               parse_metadata(*text, fmt::format("{} of {}", metadata_file, shown(wish.id, 200))));
    auto options = chosen_options(metadata, wish, made_.warnings);
    return Feature{std::move(id),           wish,
                   std::move(found.digest), std::move(found.files),
                   std::move(metadata),     std::move(options)};
  }

  /// The digest that the environment has, or the lock file names; "" = neither.
  [[nodiscard]] std::string fixed(const Id& id) const {
    if (!id.reference.digest.empty()) return {};  // the file itself says which
    if (auto pin = wanted_.pinned.find(id.text); pin != wanted_.pinned.end()) return pin->second;
    if (auto entry = wanted_.lock.find(id.text); entry != wanted_.lock.end()) return entry->second.integrity;
    return {};
  }

  /// Its files as they are now, copied: what is installed is what was looked at.
  Result<Fetched> local(const Id& id) {
    auto files = read_local(wanted_.workspace, id.resource, {});
    if (!files && files.error().kind == Kind::not_found)
      return fail(Kind::usage, "feature.local", fmt::format("there is no folder {}", shown(id.resource, 200)),
                  fmt::format("make it with a {} and an install.sh", metadata_file));
    if (!files) return tl::unexpected(std::move(files.error()));
    auto digest = digest_of(*files);
    if (auto there = sources_.store.find(digest)) return Fetched{std::move(digest), std::move(*there)};
    PHOTON_TRY(auto draft, sources_.store.draft());
    PHOTON_TRY(auto tree, unpack::Tree::open(draft.files()));
    PHOTON_CHECK(write_local(*files, tree));
    PHOTON_TRY(auto kept, sources_.store.keep(std::move(draft), digest));
    return Fetched{std::move(digest), std::move(kept)};
  }

  void tell(const Feature& feature, std::string what, std::string hint = {}) {
    made_.warnings.push_back(
        {feature.wish.where, fmt::format("{} {}", shown(feature.wish.id, 200), what), std::move(hint)});
  }

  void tell_of_names(const Feature& feature) {
    const auto& id = feature.id;
    if (id.sort != Sort::registry) return;
    auto [space, name] = split_resource(id.resource);
    const auto& now = feature.metadata.current_id;
    if (!now.empty() && now != name)
      tell(feature, fmt::format("is now called {}/{}", space, shown(now)), "change its name in the file");
    else if (id.text.find('/') == id.text.npos)
      tell(feature, fmt::format("is the old name of {}", id.reference.text()), "change it in the file");
  }

  void note(const Feature& feature) {
    made_.pinned[feature.id.text] = feature.digest;
    const auto& said = feature.metadata;
    if (said.deprecated) tell(feature, "is deprecated");
    tell_of_names(feature);
    if (feature.id.sort == Sort::local) return;
    Locked locked{said.version, feature.id.text, feature.digest, {}};
    if (feature.id.sort == Sort::registry) locked.resolved = feature.id.resource + "@" + feature.digest;
    for (const auto& needed : said.depends_on) locked.depends_on.push_back(needed.id);
    made_.lock[feature.id.text] = std::move(locked);
  }

  /// The first of N has priority N, the last one 1.
  void set_priorities() {
    for (std::size_t i = 0; i < wanted_.order.size(); ++i) {
      bool any = false;
      if (auto id = parse_id(wanted_.order[i], folder_, sources_.registries))
        for (auto& node : nodes_) {
          if (!is_meant(node.feature, *id)) continue;
          node.priority = std::max(node.priority, wanted_.order.size() - i);
          any = true;
        }
      if (!any) tell_of_stranger(wanted_.order[i]);
    }
  }

  void tell_of_stranger(const std::string& ordered) {
    std::vector<std::string_view> names;
    for (const auto& node : nodes_) names.push_back(node.feature.wish.id);
    auto near = nearest(ordered, names);
    made_.warnings.push_back(
        {{},
         fmt::format("\"overrideFeatureInstallOrder\" names {}, which is no feature here",
                     shown(ordered, 200)),
         near.empty() ? "it has no effect" : fmt::format("did you mean \"{}\"?", near)});
  }

  const Wanted& wanted_;
  const Sources& sources_;
  Fetcher fetcher_;
  const Work& work_;
  std::string folder_;
  std::deque<Wish> waiting_;
  std::vector<Node> nodes_;
  Resolution made_;
};

}  // namespace

Result<Resolution> resolve(const Wanted& wanted, const Sources& sources, const Work& work) {
  return Graph(wanted, sources, work).run();
}

spec::Below below(const Feature& feature) {
  return {fmt::format("the feature {}", shown(feature.wish.id, 200)), feature.metadata.entry};
}

std::string title(const Feature& feature) {
  const auto& said = feature.metadata;
  return shown(said.version.empty() ? said.id : fmt::format("{} {}", said.id, said.version), 200);
}

}  // namespace photon::feature
