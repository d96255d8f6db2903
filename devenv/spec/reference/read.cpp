#include "devenv/spec/reference/read.hpp"

#include "devenv/spec/reference/compose.hpp"
#include "devenv/spec/reference/configuration.hpp"
#include "devenv/spec/reference/dockerfile.hpp"
#include "devenv/spec/reference/features.hpp"
#include "devenv/spec/reference/merge.hpp"
#include "devenv/spec/reference/paths.hpp"
#include "devenv/spec/reference/text.hpp"

namespace photon::spec::reference {
namespace {

constexpr std::string_view metadata_label = "devcontainer.metadata";
constexpr std::string_view folder_label = "devcontainer.local_folder",
                           file_label = "devcontainer.config_file";

/// NAME=VALUE each; without a '=' it is left out.
Texts as_texts(const Value& pairs) {
  Texts texts;
  if (const auto* list = pairs.list())
    for (const auto& pair : *list)
      if (const auto* text = pair.text())
        if (auto at = text->find('='); at != text->npos) texts[text->substr(0, at)] = text->substr(at + 1);
  return texts;
}

Value label_of(const Value& inspected, std::string_view name) {
  return inspected.at("Config").at("Labels").at(name);
}

struct Found {
  std::optional<Value> container;
  std::vector<std::string> labels;  ///< that it has, or would get
};

/// By the labels that were given, else by those of folder and file, else by that of the folder alone, which
/// old ones have.
Result<Found> find_container(const ReadOptions& options, const std::optional<Workspace>& workspace,
                             const std::optional<ConfigPlace>& place, const Engine& engine) {
  Found found;
  if (options.container_id && !options.container_id->empty()) {
    PHOTON_TRY(found.container, engine.container(*options.container_id));
  } else if (!options.id_labels.empty()) {
    PHOTON_TRY(found.container, engine.find(options.id_labels));
  } else if (!workspace || !place) {
    return fail(Kind::failed, "reference.container",
                "Either containerId or workspaceFolder and configFile must be provided.");
  }
  if (!options.id_labels.empty()) {
    found.labels = options.id_labels;
    return found;
  }
  std::vector<std::string> old{
      fmt::format("{}={}", folder_label, workspace ? workspace->given : "undefined")};
  auto both = old;
  both.push_back(fmt::format("{}={}", file_label, place ? place->path : "undefined"));
  if (!options.container_id || options.container_id->empty()) {
    PHOTON_TRY(found.container, engine.find(both));
    if (!found.container) {
      PHOTON_TRY(found.container, engine.find(old));
      if (found.container && label_of(*found.container, file_label).truthy()) found.container.reset();
    }
  }
  bool fresh = !found.container || label_of(*found.container, file_label).truthy();
  found.labels = fresh ? both : old;
  return found;
}

/// The image that the configuration starts from, as far as it is known without building.
Result<std::optional<std::string>> image_of(const Value& config, const World& world) {
  const auto& said = *config.object();
  const Value& build = config.at("build");
  bool has_build = said.has("build");
  if (has_build && build.type() != "object")
    return type_error(
        fmt::format("Cannot use 'in' operator to search for 'dockerfile' in {}", build.to_text()));
  if (has_build && build.null())
    return type_error("Cannot use 'in' operator to search for 'dockerfile' in null");
  if (said.has("dockerFile") || (build.object() && build.object()->has("dockerfile"))) {
    const Value& named = said.has("dockerFile") ? config.at("dockerFile") : build.at("dockerfile");
    if (!named.text()) return type_error("The \"path\" argument must be of type string.");
    const Value place = config.at("configFilePath").at("path");
    auto path = resolved({folder_of(place.to_text()), *named.text()});
    PHOTON_TRY(auto bytes, world.read(path));
    if (!bytes)
      return fail(Kind::failed, "reference.dockerfile", fmt::format("Dockerfile ({}) not found.", path));
    return image_below(*bytes, build.at("args"), build.at("target"), world);
  }
  if (said.has("dockerComposeFile")) return service_image(config, world);
  if (!config.at("image").truthy())
    return fail(Kind::failed, "reference.image", "No image information specified in devcontainer.json.");
  const auto* image = config.at("image").text();
  if (!image) return type_error("The argument 'args[3]' must be of type string.");
  return std::optional(*image);
}

Result<List> substituted(List entries, std::span<const Pass> passes) {
  for (auto& entry : entries) {
    PHOTON_TRY(entry, substitute(std::move(entry), passes));
  }
  return entries;
}

List entries_of(const Value& feature_sets) {
  const auto* list = feature_sets.at("featureSets").list();
  return list ? *list : List();
}

Result<List> container_entries(const Value& container, const Configuration& configuration,
                               const Value& features, const std::vector<std::string>& labels,
                               const World& world) {
  const Value label = label_of(container, metadata_label);
  if (!label.truthy())
    return metadata_entries({}, entries_of(features), configuration.value, configuration.passes);
  PHOTON_TRY(auto entries, substituted(label_entries(label, world.tell), configuration.passes));
  bool by_labels = true;
  for (const auto& pair : labels)
    if (auto at = pair.find('='); at != pair.npos && !label_of(container, pair.substr(0, at)).truthy())
      by_labels = false;
  if (by_labels) return updated_entries(std::move(entries), configuration.value);
  return metadata_entries(std::move(entries), entries_of(features), configuration.value,
                          configuration.passes);
}

Result<Value> merged_configuration(const Configuration& configuration, const Found& found,
                                   const Value& features, const World& world) {
  List entries;
  if (found.container) {
    PHOTON_TRY(entries, container_entries(*found.container, configuration, features, found.labels, world));
    std::vector<Pass> inside{container_pass(as_texts(found.container->at("Config").at("Env")), "")};
    PHOTON_TRY(entries, substituted(std::move(entries), inside));
  } else {
    PHOTON_TRY(auto name, image_of(configuration.value, world));
    std::optional<Value> image;
    if (name) {
      PHOTON_TRY(image, world.engine.image(*name));
    }
    auto labelled = image ? label_entries(label_of(*image, metadata_label), world.tell) : List();
    PHOTON_TRY(labelled, substituted(std::move(labelled), configuration.passes));
    PHOTON_TRY(entries, metadata_entries(std::move(labelled), entries_of(features), configuration.value,
                                         configuration.passes));
  }
  return merged(configuration.value, entries);
}

Result<Value> features_of(const Configuration& configuration, const std::optional<ConfigPlace>& place,
                          const std::optional<Workspace>& workspace, const ReadOptions& options,
                          const World& world) {
  Value additional;
  if (options.additional_features && !options.additional_features->empty()) {
    PHOTON_TRY(auto parsed, parse_tolerant(*options.additional_features));
    for (const auto& diagnostic : parsed.diagnostics) world.diagnose("--additional-features", diagnostic);
    additional = std::move(parsed.value);
  }
  auto inputs = feature_inputs(place, workspace, world);
  return features_configuration(configuration.value, additional, inputs);
}

}  // namespace

Result<Value> read_configuration(const ReadOptions& options, const World& world) {
  auto workspace = workspace_of(options, world);
  auto place = locate(options, workspace, world);
  std::optional<Configuration> read;
  if (place) {
    PHOTON_TRY(read, read_file(*place, workspace, options, world));
  }
  auto named = [](const std::optional<std::string>& option) { return option && !option->empty(); };
  if (!read && (named(options.config) || workspace || named(options.override_config)))
    return fail(
        Kind::failed, "reference.no-file",
        fmt::format("Dev container config ({}) not found.",
                    place ? place->path : joined({workspace->root, ".devcontainer/devcontainer.json"})));
  auto configuration = read ? std::move(*read) : Configuration();
  if (!read) {
    PHOTON_TRY(auto pass, local_pass({world.env, {}, {}, {}}));
    configuration.passes.push_back(std::move(pass));
  }
  PHOTON_TRY(auto found, find_container(options, workspace, place, world.engine));
  if (found.container) {
    List labels(found.labels.begin(), found.labels.end());
    PHOTON_CHECK(add_pass(configuration, id_pass(as_texts(labels))));
    auto env = as_texts(found.container->at("Config").at("Env"));
    PHOTON_CHECK(
        add_pass(configuration, container_pass(std::move(env), place ? base_name(place->path) : "")));
  }
  Object answer;
  Value features;
  if (options.include_features || (options.include_merged && !found.container)) {
    PHOTON_TRY(features, features_of(configuration, place, workspace, options, world));
  }
  answer.set("configuration", configuration.value);
  answer.set("workspace", configuration.workspace);
  answer.set("featuresConfiguration", features);
  if (options.include_merged) {
    PHOTON_TRY(auto merged, merged_configuration(configuration, found, features, world));
    answer.set("mergedConfiguration", std::move(merged));
  }
  answer.set("ociAuthDiagnostics", world.packages.diagnostics());
  return answer;
}

}  // namespace photon::spec::reference
