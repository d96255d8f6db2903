#include "devenv/spec/reference/features.hpp"

#include <algorithm>
#include <array>

#include "devenv/core/name.hpp"
#include "devenv/spec/reference/legacy.hpp"
#include "devenv/spec/reference/paths.hpp"
#include "devenv/spec/reference/text.hpp"
#include "devenv/spec/reference/tolerant.hpp"

namespace photon::spec::reference {
namespace {

/// Features that became an option of another one.
struct Became {
  std::string_view id;
  std::string_view feature;
  std::string_view option;
};
constexpr std::array<Became, 3> became_options{{{"gradle", "java", "installGradle"},
                                                {"maven", "java", "installMaven"},
                                                {"jupyterlab", "python", "installJupyterlab"}}};

Value with_option(const Value& options, std::string_view name) {
  auto members = options.text() ? Object() : spread(options);
  if (options.text()) members.set("version", options);
  members.set(name, true);
  return members;
}

/// The id under which the features have that official one.
std::string name_among(const Object& features, std::string_view feature) {
  auto official = fmt::format("{}/{}", official_features(), feature);
  for (const auto& id : features.names())
    if (id == feature || id == official || id.starts_with(official + ":")) return id;
  return official + ":1";
}

Object with_options_of_before(Object features) {
  for (const auto& name : features.names())
    for (const auto& old : became_options) {
      if (name != old.id) continue;
      auto id = name_among(features, old.feature);
      const auto* known = features.find(id);
      features.set(id, with_option(known ? *known : Value(), old.option));
    }
  for (const auto& old : became_options) features.erase(old.id);
  return features;
}

struct Opened {
  Value said;  ///< by the feature's own document
  std::string version;
  std::string digest;
};

/// The first sort of packages held several features; the one of that id.
Result<Value> of_old_document(const std::string& bytes, const Value& id) {
  PHOTON_TRY(auto parsed, parse_tolerant(decoded(bytes)));
  PHOTON_TRY(const auto* features, parsed.value.member("features"));
  if (features->list())
    for (const auto& one : *features->list())
      if (one.at("id").text() && id.text() && *one.at("id").text() == *id.text()) return one;
  return fail(Kind::failed, "reference.feature",
              fmt::format("{} has no feature {}", old_feature_document, shown(id.to_text())));
}

Result<PackageContent> fetched(const FeatureSource& source, const FeatureInputs& inputs) {
  if (source.kind == FeatureKind::registry) return package_content(source, inputs);
  if (source.kind == FeatureKind::archive) {
    PHOTON_TRY(auto locked, locked_digest(inputs, source.place));
    PHOTON_TRY(auto content, inputs.packages.archive(source.place));
    if (!locked.empty() && content.digest != locked)
      return could_not_process(source.user_id, "its archive is not the one that the lock file names");
    return content;
  }
  return could_not_process(source.user_id,
                           "no registry has it, and releases of repositories are not looked for",
                           "publish it in a registry: devcontainer features publish");
}

Result<Opened> opened(const FeatureNode& node, const FeatureInputs& inputs) {
  const auto& source = node.source;
  if (source.kind == FeatureKind::local) {
    PHOTON_TRY(auto bytes, inputs.read(joined({source.place, feature_document})));
    PHOTON_TRY(auto parsed, parse_tolerant(decoded(bytes)));
    return Opened{std::move(parsed.value), "2", {}};
  }
  PHOTON_TRY(auto content, fetched(source, inputs));
  if (auto found = content.documents.find(std::string(feature_document)); found != content.documents.end()) {
    PHOTON_TRY(auto parsed, parse_tolerant(decoded(found->second)));
    bool registry = source.kind == FeatureKind::registry;
    return Opened{std::move(parsed.value), "2", registry ? source.manifest.digest : content.digest};
  }
  auto old = content.documents.find(std::string(old_feature_document));
  if (old == content.documents.end())
    return could_not_process(source.user_id, fmt::format("its package has no {}", feature_document));
  PHOTON_TRY(auto said, of_old_document(old->second, node.said.at("id")));
  return Opened{std::move(said), "1", {}};
}

/// {...what the file says, ...what we added}
Result<Value> feature_set(const FeatureNode& node, std::size_t place, const FeatureInputs& inputs) {
  auto said = spread(node.said);
  if (!node.said.at("id").truthy())
    return fail(Kind::failed, "reference.feature", "Internal Features error. Missing required attribute(s).");
  auto name = fmt::format("{}_{}", node.said.at("id").to_text(), place);
  said.set("cachePath", joined({inputs.store_folder, name}));
  said.set("consecutiveId", name);
  PHOTON_TRY(auto opened_feature, opened(node, inputs));
  auto feature = spread(opened_feature.said);
  said.each([&](const std::string& member, const Value& value) { feature.set(member, value); });
  PHOTON_TRY(auto moved, move_old_feature_properties(Value(std::move(feature))));
  Object set;
  set.set("sourceInformation", node.source.information());
  set.set("features", List{std::move(moved)});
  set.set("internalVersion", opened_feature.version);
  if (!opened_feature.digest.empty()) set.set("computedDigest", opened_feature.digest);
  return set;
}

}  // namespace

Object asked_features(const Value& config, const Value& additional, bool mapped) {
  auto asked = config.at("features").truthy() ? spread(config.at("features")) : Object();
  if (additional.truthy())
    spread(additional).each([&](const std::string& id, const Value& options) {
      if (!asked.has(id)) asked.set(id, options);
    });
  return mapped ? with_options_of_before(std::move(asked)) : asked;
}

Result<Value> features_configuration(const Value& config, const Value& additional,
                                     const FeatureInputs& inputs) {
  auto asked = asked_features(config, additional, true);
  if (asked.size() == 0) return Value();
  PHOTON_TRY(auto graph,
             feature_graph(asked, config.at("overrideFeatureInstallOrder"), Soft::that_count, inputs));
  PHOTON_TRY(auto order, install_order(graph));
  List sets;
  for (std::size_t i = 0; i < order.size(); ++i) {
    PHOTON_TRY(auto set, feature_set(graph.nodes[order[i]], i, inputs));
    sets.push_back(std::move(set));
  }
  Object features;
  features.set("featureSets", std::move(sets));
  features.set("dstFolder", inputs.store_folder);
  return features;
}

Value install_order_value(const FeatureGraph& graph, const std::vector<std::size_t>& order) {
  List installed;
  for (auto at : order) {
    const auto& node = graph.nodes[at];
    Object one;
    one.set("id", node.source.kind == FeatureKind::registry
                      ? fmt::format("{}@{}", node.source.package.resource, node.source.manifest.digest)
                      : node.source.user_id);
    one.set("options", node.said.at("value"));
    installed.push_back(std::move(one));
  }
  Object answer;
  answer.set("installOrder", std::move(installed));
  return answer;
}

}  // namespace photon::spec::reference
