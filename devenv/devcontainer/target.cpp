#include "devenv/devcontainer/target.hpp"

#include <filesystem>

#include "devenv/spec/reference/merge.hpp"
#include "devenv/spec/reference/paths.hpp"
#include "devenv/spec/reference/text.hpp"
#include "devenv/spec/reference/tolerant.hpp"

namespace photon::devcontainer {
namespace {

using spec::reference::List;
using spec::reference::Object;
using spec::reference::parse_tolerant;
using spec::reference::ReadOptions;
using spec::reference::Value;
using spec::reference::World;

constexpr std::string_view folder_label = "devcontainer.local_folder",
                           file_label = "devcontainer.config_file", metadata_label = "devcontainer.metadata";

bool named(const std::optional<std::string>& option) { return option && !option->empty(); }

tl::unexpected<Error> no_file(const std::string& path) {
  return fail(Kind::failed, "reference.no-file", fmt::format("Dev container config ({}) not found.", path));
}

std::string read_path(const ReadOptions& read, const Target& target, const World& world) {
  if (named(read.override_config))
    return spec::reference::resolved({world.working_folder, *read.override_config});
  return target.place->path;
}

/// A daemon that would leave it out must not be asked.
Result<void> check_source(const Object& said, const std::string& path) {
  const auto* build = said.find("build");
  bool dockerfile =
      said.has("dockerFile") || (build && build->object() && build->object()->has("dockerfile"));
  if (dockerfile || said.has("image") || said.has("dockerComposeFile")) return {};
  return fail(Kind::failed, "reference.image",
              fmt::format("Dev container config ({}) is missing one of \"image\", \"dockerFile\" or "
                          "\"dockerComposeFile\" properties.",
                          path));
}

Result<bool> add_features(Object& said, const ReadOptions& read, const World& world) {
  if (!named(read.additional_features)) return false;
  PHOTON_TRY(auto parsed, parse_tolerant(*read.additional_features));
  for (const auto& diagnostic : parsed.diagnostics) world.diagnose("--additional-features", diagnostic);
  const auto* more = parsed.value.object();
  if (!more)
    return fail(Kind::failed, "reference.features", "--additional-features is no JSON object",
                R"(for example {"./tools": {}})");
  if (more->size() == 0) return false;
  const auto* own = said.find("features");
  Object features = own && own->object() ? *own->object() : Object();
  more->each([&](const std::string& name, const Value& value) { features.set(name, value); });
  said.set("features", std::move(features));
  return true;
}

bool add_mounts(Object& said, const std::vector<std::string>& mounts) {
  if (mounts.empty()) return false;
  const auto* own = said.find("mounts");
  List all = own && own->list() ? *own->list() : List();
  for (const auto& mount : mounts) all.emplace_back(mount);
  said.set("mounts", std::move(all));
  return true;
}

/// The places that the options lead to, where the file does not name them.
Result<bool> add_workspace(Object& said, const ContainerOptions& options, const Target& target,
                           const World& world) {
  if (options.read.mount_git_root && !options.read.mount_worktree_common_dir) return false;
  PHOTON_TRY(auto places,
             spec::reference::workspace_mounts(Value(said), target.workspace, options.read, world));
  for (std::string_view name : {"workspaceFolder", "workspaceMount"})
    if (!said.has(name) && places.at(name).text()) said.set(name, places.at(name));
  if (const auto* common = places.at("additionalMountString").text()) add_mounts(said, {*common});
  return true;
}

}  // namespace

Result<Target> find_target(ReadOptions& read, const World& world) {
  Target target;
  target.workspace = workspace_of(read, world);
  if (target.workspace) {
    std::error_code error;
    auto real = std::filesystem::canonical(target.workspace->root, error).string();
    target.folder = error ? target.workspace->root : real;
    read.workspace_folder = target.folder;
    target.workspace = workspace_of(read, world);
  }
  target.place = locate(read, target.workspace, world);
  const bool wanted = target.workspace || named(read.config) || named(read.override_config);
  if (wanted && !target.place)
    return no_file(spec::reference::joined({target.folder, ".devcontainer/devcontainer.json"}));
  if (wanted) {
    PHOTON_TRY(auto text, world.read(read_path(read, target, world)));
    if (!text || text->empty()) return no_file(target.place->path);
  }
  target.labels = read.id_labels;
  if (target.labels.empty() && target.workspace)
    target.labels = {fmt::format("{}={}", folder_label, target.folder),
                     fmt::format("{}={}", file_label, target.place->path)};
  return target;
}

Result<wire::Environment> find_environment(const Target& target, const ReadOptions& read,
                                           client::Client& daemon) {
  if (!named(read.container_id) && target.labels.empty())
    return fail(Kind::failed, "reference.container",
                "Either containerId or workspaceFolder and configFile must be provided.");
  PHOTON_TRY(auto found, named(read.container_id) ? daemon.environment_by_id(*read.container_id)
                                                  : daemon.environment_with(target.labels));
  if (found) return std::move(*found);
  return fail(Kind::failed, "reference.container", "Dev container not found.", "devcontainer up makes it");
}

Result<std::string> effective_configuration(const ContainerOptions& options, const Target& target,
                                            const World& world) {
  auto path = read_path(options.read, target, world);
  PHOTON_TRY(auto bytes, world.read(path));
  PHOTON_TRY(auto parsed, parse_tolerant(spec::reference::decoded(bytes.value_or(""))));
  for (const auto& diagnostic : parsed.diagnostics) world.diagnose(path, diagnostic);
  auto* said = parsed.value.object();
  if (!said)
    return fail(Kind::failed, "reference.object",
                fmt::format("Dev container config ({}) must contain a JSON object literal.", path));
  PHOTON_CHECK(check_source(*said, target.place->path));
  bool changed = named(options.read.override_config) || !parsed.diagnostics.empty();
  PHOTON_TRY(bool features, add_features(*said, options.read, world));
  changed |= features;
  changed |= add_mounts(*said, options.mounts);
  PHOTON_TRY(bool places, add_workspace(*said, options, target, world));
  changed |= places;
  return changed ? spec::reference::write(parsed.value) : "";
}

Result<Value> view_of(const ContainerOptions& options, const Target& target, const wire::Container& container,
                      World world) {
  List entries;
  for (const auto& text : container.metadata)
    for (auto& entry : spec::reference::label_entries(text, world.tell)) entries.push_back(std::move(entry));
  // As an engine would describe it. Without the labels of its folder the file's present values count.
  Object labels;
  labels.set(file_label, target.place->path);
  labels.set(metadata_label, spec::reference::write(entries));
  Object config;
  config.set("Labels", std::move(labels));
  config.set("Env", List(container.env.begin(), container.env.end()));
  Object inspected;
  inspected.set("Config", std::move(config));
  world.engine.find = [inspected](const std::vector<std::string>&) -> Result<std::optional<Value>> {
    return std::optional(Value(inspected));
  };
  return spec::reference::read_configuration(options.read, world);
}

}  // namespace photon::devcontainer
