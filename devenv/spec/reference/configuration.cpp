#include "devenv/spec/reference/configuration.hpp"

#include "devenv/spec/reference/legacy.hpp"
#include "devenv/spec/reference/paths.hpp"
#include "devenv/spec/reference/text.hpp"

namespace photon::spec::reference {
namespace {

constexpr std::string_view path_member = "configFilePath";

/// As vscode-uri writes itself.
Value place_value(const ConfigPlace& place) {
  Object uri;
  uri.set("$mid", 1);
  uri.set("fsPath", place.path);
  uri.set("path", place.path);
  uri.set("scheme", place.scheme);
  return uri;
}

std::string default_place(const Workspace& workspace) {
  return joined({workspace.root, ".devcontainer", "devcontainer.json"});
}

Result<Value> parse_file(const std::string& bytes, const std::string& path, const World& world) {
  PHOTON_TRY(auto parsed, parse_tolerant(decoded(bytes)));
  for (const auto& diagnostic : parsed.diagnostics) world.diagnose(path, diagnostic);
  if (parsed.value.truthy()) {
    PHOTON_TRY(parsed.value, move_old_properties(std::move(parsed.value)));
  }
  if (!parsed.value.object())
    return fail(Kind::failed, "reference.object",
                fmt::format("Dev container config ({}) must contain a JSON object literal.", path));
  return std::move(parsed.value);
}

}  // namespace

std::optional<Workspace> workspace_of(const ReadOptions& options, const World& world) {
  if (!options.workspace_folder || options.workspace_folder->empty()) return std::nullopt;
  Workspace workspace;
  workspace.given = workspace.root = resolved({world.working_folder, *options.workspace_folder});
  auto name = base_name(workspace.given);
  constexpr std::string_view extension = ".code-workspace";
  if (name.ends_with(extension) && name.size() > extension.size())
    workspace.root = folder_of(workspace.given);
  return workspace;
}

std::optional<ConfigPlace> locate(const ReadOptions& options, const std::optional<Workspace>& workspace,
                                  const World& world) {
  auto named = [&](const std::optional<std::string>& path) -> std::optional<ConfigPlace> {
    if (!path || path->empty()) return std::nullopt;
    return ConfigPlace{resolved({world.working_folder, *path}), "file"};
  };
  if (auto place = named(options.config)) return place;
  auto instead = named(options.override_config);
  if (!workspace) return instead;
  for (auto path : {default_place(*workspace), joined({workspace->root, ".devcontainer.json"})})
    if (world.is_file(path)) return ConfigPlace{path, "vscode-fileHost"};
  if (instead) return ConfigPlace{default_place(*workspace), "vscode-fileHost"};
  return std::nullopt;
}

Result<std::optional<Configuration>> read_file(const ConfigPlace& place,
                                               const std::optional<Workspace>& workspace,
                                               const ReadOptions& options, const World& world) {
  auto path = place.path;
  if (options.override_config && !options.override_config->empty())
    path = resolved({world.working_folder, *options.override_config});
  PHOTON_TRY(auto bytes, world.read(path));
  if (!bytes || bytes->empty()) return std::optional<Configuration>();
  PHOTON_TRY(auto raw, parse_file(*bytes, path, world));

  Configuration made;
  PHOTON_TRY(made.workspace, workspace_mounts(raw, workspace, options, world));
  LocalContext context{world.env, {}, made.workspace.at("workspaceFolder"), base_name(place.path)};
  if (workspace) context.local_folder = workspace->root;
  PHOTON_TRY(auto pass, local_pass(std::move(context)));
  PHOTON_TRY(made.value, substitute(raw, pass));
  made.passes.push_back(std::move(pass));
  auto& members = *made.value.object();
  auto& mounts = *made.workspace.object();
  if (const auto* folder = members.find("workspaceFolder"); folder && folder->text())
    mounts.set("workspaceFolder", *folder);
  if (const auto* mount = members.find("workspaceMount")) mounts.set("workspaceMount", *mount);
  members.set(path_member, place_value(place));
  return std::optional(std::move(made));
}

FeatureInputs feature_inputs(const std::optional<ConfigPlace>& place,
                             const std::optional<Workspace>& workspace, const World& world) {
  return {place ? place->path : "",
          workspace ? workspace->given : world.working_folder,
          world.store_folder,
          [&world](const std::string& path) -> Result<std::string> {
            PHOTON_TRY(auto bytes, world.read(path));
            if (!bytes) return fail(Kind::failed, "reference.feature", fmt::format("there is no {}", path));
            return std::move(*bytes);
          },
          world.packages,
          {},
          world.tell};
}

Result<void> add_pass(Configuration& configuration, Pass pass) {
  const Value path = configuration.value.at(path_member);
  PHOTON_TRY(configuration.value, substitute(configuration.value, pass));
  if (!path.undefined()) configuration.value.object()->set(path_member, path);
  configuration.passes.push_back(std::move(pass));
  return {};
}

}  // namespace photon::spec::reference
