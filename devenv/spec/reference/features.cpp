#include "devenv/spec/reference/features.hpp"

#include <algorithm>
#include <array>
#include <deque>

#include "devenv/spec/reference/legacy.hpp"
#include "devenv/spec/reference/paths.hpp"
#include "devenv/spec/reference/text.hpp"
#include "devenv/spec/reference/tolerant.hpp"

namespace photon::spec::reference {
namespace {

constexpr std::size_t most_features = 1000;
/// Names of before features had a registry; each means one of the official ones.
constexpr std::array<std::string_view, 23> short_names{"aws-cli",
                                                       "azure-cli",
                                                       "desktop-lite",
                                                       "docker-in-docker",
                                                       "docker-from-docker",
                                                       "dotnet",
                                                       "git",
                                                       "git-lfs",
                                                       "github-cli",
                                                       "java",
                                                       "kubectl-helm-minikube",
                                                       "node",
                                                       "powershell",
                                                       "python",
                                                       "ruby",
                                                       "rust",
                                                       "sshd",
                                                       "terraform",
                                                       "golang",
                                                       "common",
                                                       "gradle",
                                                       "maven",
                                                       "jupyterlab"};

enum class Sort { local, registry, archive };

Result<Sort> sort_of(const std::string& id) {
  if (std::find(short_names.begin(), short_names.end(), id) != short_names.end()) return Sort::registry;
  if (id.find_first_of("/\\") == id.npos)
    return fail(Kind::failed, "reference.feature", fmt::format("Legacy feature '{}' not supported.", id),
                "a local feature is written as ./" + id);
  if (id.starts_with("https://")) return Sort::archive;
  return id.starts_with("./") || id.starts_with("../") || id.starts_with('/') ? Sort::local : Sort::registry;
}

tl::unexpected<Error> could_not(const std::string& id, std::string_view why) {
  return fail(Kind::failed, "reference.feature",
              fmt::format("Feature '{}' could not be processed: {}", id, why));
}

Result<std::string> local_folder(const std::string& id, const FeatureInputs& inputs) {
  if (id.starts_with('/')) return could_not(id, "an absolute path to a local feature is not allowed");
  if (inputs.config_path.empty()) return could_not(id, "a local feature requires a configuration path");
  auto folder = joined({folder_of(inputs.config_path), id});
  auto allowed = joined({inputs.workspace, ".devcontainer"});
  if (relative(allowed, folder).find("..") != std::string::npos)
    return could_not(id, fmt::format("{} is not below {}", folder, allowed));
  return folder;
}

/// The graph of features: from those that are asked for, all that they need.
class Graph {
 public:
  explicit Graph(const FeatureInputs& inputs) : inputs_(inputs) {}

  Result<std::vector<FeatureNode>> nodes(const Object& asked) {
    PHOTON_CHECK(add(asked, nullptr));
    while (!waiting_.empty()) {
      auto node = std::move(waiting_.front());
      waiting_.pop_front();
      PHOTON_TRY(bool known, is_known(node));
      if (known) continue;
      if (known_.size() >= most_features) return could_not(node.id, "there are too many");
      PHOTON_CHECK(read(node));
      known_.push_back(std::move(node));
    }
    return std::move(known_);
  }

 private:
  /// Puts features into the queue, and among what `from` needs.
  Result<void> add(const Object& wanted, FeatureNode* from) {
    Result<void> failed;
    wanted.each([&](const std::string& id, const Value& options) {
      if (failed) failed = add(id, options, from);
    });
    return failed;
  }

  Result<void> add(const std::string& id, const Value& options, FeatureNode* from) {
    PHOTON_TRY(auto sort, sort_of(id));
    if (sort != Sort::local)
      return fail(Kind::unavailable, std::string(not_yet),
                  fmt::format("the feature {} is not local, and others are not there yet", id),
                  "local features (./NAME below .devcontainer) work");
    PHOTON_TRY(auto folder, local_folder(id, inputs_));
    FeatureKey key{std::move(folder), options};
    if (from) from->depends.push_back(key);
    waiting_.push_back({id, std::move(key), {}, {}, {}, 0});
    return {};
  }

  Result<bool> is_known(const FeatureNode& node) {
    for (const auto& known : known_) {
      PHOTON_TRY(int order, compare_features(known.key, node.key));
      if (order == 0) return true;
    }
    return false;
  }

  Result<void> read(FeatureNode& node) {
    PHOTON_TRY(auto bytes, inputs_.read(joined({node.key.path, "devcontainer-feature.json"})));
    PHOTON_TRY(auto parsed, parse_tolerant(decoded(bytes)));
    Object said;
    said.set("id", base_name(node.id));
    said.set("name", node.id);
    said.set("value", node.key.options);
    said.set("included", true);
    spread(parsed.value).each([&](const std::string& name, const Value& value) { said.set(name, value); });
    node.said = std::move(said);
    if (!parsed.value.truthy()) return {};
    PHOTON_CHECK(add(spread(parsed.value.at("dependsOn")), &node));
    const Value& after = parsed.value.at("installsAfter");
    if (!after.truthy()) return {};
    if (!after.list()) return type_error("installsAfter is not iterable");
    for (const auto& one : *after.list()) PHOTON_CHECK(add_after(one, node));
    return {};
  }

  /// One that cannot be among ours needs no look-up: it would be left out as not asked for.
  Result<void> add_after(const Value& one, FeatureNode& node) {
    if (!one.text()) return type_error("userFeatureId.includes is not a function");
    PHOTON_TRY(auto sort, sort_of(*one.text()));
    if (sort != Sort::local) return {};
    PHOTON_TRY(auto folder, local_folder(*one.text(), inputs_));
    node.after.push_back(std::move(folder));
    return {};
  }

  const FeatureInputs& inputs_;
  std::deque<FeatureNode> waiting_;
  std::vector<FeatureNode> known_;
};

/// The first of N has priority N, the last one 1.
Result<void> set_priorities(std::vector<FeatureNode>& nodes, const Value& order,
                            const FeatureInputs& inputs) {
  if (!order.truthy()) return {};
  if (!order.list()) return type_error("overrideFeatureInstallOrder is not a list");
  const auto& ids = *order.list();
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (!ids[i].text()) return type_error("userFeatureId.includes is not a function");
    PHOTON_TRY(auto sort, sort_of(*ids[i].text()));
    if (sort != Sort::local) continue;
    PHOTON_TRY(auto folder, local_folder(*ids[i].text(), inputs));
    for (auto& node : nodes)
      if (compare_locale(node.key.path, folder) == 0) node.priority = std::max(node.priority, ids.size() - i);
  }
  return {};
}

/// {...what the file says, ...what we added}
Result<Value> feature_set(const FeatureNode& node, std::size_t place, const FeatureInputs& inputs) {
  auto said = spread(node.said);
  if (!node.said.at("id").truthy())
    return fail(Kind::failed, "reference.feature", "Internal Features error. Missing required attribute(s).");
  auto name = fmt::format("{}_{}", node.said.at("id").to_text(), place);
  said.set("cachePath", joined({inputs.store_folder, name}));
  said.set("consecutiveId", name);
  PHOTON_TRY(auto bytes, inputs.read(joined({node.key.path, "devcontainer-feature.json"})));
  PHOTON_TRY(auto parsed, parse_tolerant(decoded(bytes)));
  auto feature = spread(parsed.value);
  said.each([&](const std::string& member, const Value& value) { feature.set(member, value); });
  PHOTON_TRY(auto moved, move_old_feature_properties(Value(std::move(feature))));
  Object source, set;
  source.set("type", "file-path");
  source.set("resolvedFilePath", node.key.path);
  source.set("userFeatureId", node.id);
  set.set("sourceInformation", std::move(source));
  set.set("features", List{std::move(moved)});
  set.set("internalVersion", "2");
  return set;
}

}  // namespace

Result<Value> features_configuration(const Value& config, const Value& additional,
                                     const FeatureInputs& inputs) {
  auto asked = config.at("features").truthy() ? spread(config.at("features")) : Object();
  if (additional.truthy())
    spread(additional).each([&](const std::string& id, const Value& options) {
      if (!asked.has(id)) asked.set(id, options);
    });
  if (asked.size() == 0) return Value();
  PHOTON_TRY(auto nodes, Graph(inputs).nodes(asked));
  PHOTON_CHECK(set_priorities(nodes, config.at("overrideFeatureInstallOrder"), inputs));
  PHOTON_TRY(auto order, install_order(std::move(nodes)));
  List sets;
  for (std::size_t i = 0; i < order.size(); ++i) {
    PHOTON_TRY(auto set, feature_set(order[i], i, inputs));
    sets.push_back(std::move(set));
  }
  Object features;
  features.set("featureSets", std::move(sets));
  features.set("dstFolder", inputs.store_folder);
  return features;
}

}  // namespace photon::spec::reference
