// The passes in their order: locate, scan, workspace, variables, properties, hash.
#include "devenv/spec/reader.hpp"
#include "devenv/spec/variables.hpp"

namespace photon::spec {
namespace {

struct Located {
  std::string path;   ///< absolute; "" = there is none
  std::string shown;  ///< as messages name it: below the folder, relative to it
  std::string text;
};

std::string shown_path(const std::string& path, const std::string& folder) {
  return path.starts_with(folder + "/") ? path.substr(folder.size() + 1) : path;
}

/// Those of .devcontainer/NAME/devcontainer.json, sorted.
Result<std::vector<Located>> named_ones(const Inputs& inputs) {
  std::vector<Located> found;
  if (!inputs.folders) return found;
  auto base = inputs.local_folder + "/.devcontainer";
  auto names = inputs.folders(base);
  std::sort(names.begin(), names.end());
  for (const auto& name : names) {
    auto path = fmt::format("{}/{}/devcontainer.json", base, name);
    PHOTON_TRY(auto text, inputs.read(path));
    if (text) found.push_back({path, shown_path(path, inputs.local_folder), std::move(*text)});
  }
  return found;
}

Result<Located> locate(const Inputs& inputs) {
  const auto& folder = inputs.local_folder;
  const auto& wanted = inputs.config_path;
  std::vector<std::string> places{folder + "/.devcontainer/devcontainer.json",
                                  folder + "/.devcontainer.json"};
  if (!wanted.empty()) places = {wanted.starts_with('/') ? wanted : folder + "/" + wanted};
  // "api" is short for .devcontainer/api/devcontainer.json
  if (!wanted.empty() && wanted.find('/') == wanted.npos)
    places.push_back(fmt::format("{}/.devcontainer/{}/devcontainer.json", folder, wanted));
  for (const auto& path : places) {
    PHOTON_TRY(auto text, inputs.read(path));
    if (text) return Located{path, shown_path(path, folder), std::move(*text)};
  }
  PHOTON_TRY(auto named, named_ones(inputs));
  std::vector<std::string> paths;
  for (const auto& one : named) paths.push_back(one.shown);
  if (!wanted.empty())
    return fail(Kind::not_found, "spec.no-file", fmt::format("there is no {}", wanted),
                paths.empty() ? "--config names a devcontainer.json, from this folder on or absolute"
                              : fmt::format("there is {}", fmt::join(paths, ", ")));
  if (named.size() > 1)
    return fail(Kind::usage, "spec.choice",
                fmt::format("the repository has {} configurations: {}", named.size(), fmt::join(paths, ", ")),
                fmt::format("name one: devenv up --config {}", named[0].shown));
  return named.empty() ? Located{} : std::move(named[0]);
}

/// Where the workspace is mounted from, and where that is found inside.
struct Workspace {
  std::optional<PlanMount> mount;
  std::string folder;
};

/// The repository's root, or the folder itself.
const std::string& repository_of(const Inputs& inputs) {
  bool below = !inputs.git_root.empty() && inputs.local_folder.starts_with(inputs.git_root + "/");
  return below ? inputs.git_root : inputs.local_folder;
}

Workspace default_workspace(const Inputs& inputs) {
  const auto& root = repository_of(inputs);
  bool below = root != inputs.local_folder;
  auto target = "/workspaces/" + basename_of(root);
  auto folder = below ? target + inputs.local_folder.substr(inputs.git_root.size()) : target;
  return {PlanMount{"bind", root, target, false, {}}, folder};
}

/// workspaceMount takes the place of ours; "" and null mean that nothing is mounted.
Result<void> read_mount(Node node, const Variables& variables, const Reading& reading, Workspace& workspace) {
  PHOTON_CHECK(substitute(node, variables, reading.file));
  workspace.mount.reset();
  if (node.type == Node::Type::null || (node.type == Node::Type::text && node.text.empty())) return {};
  PHOTON_TRY(auto mount, mount_of(node, "workspaceMount", reading));
  workspace.mount = std::move(mount);
  return {};
}

Result<Workspace> read_workspace(const Node& root, const Inputs& inputs, const Reading& reading,
                                 Variables variables) {
  auto workspace = default_workspace(inputs);
  const auto* folder = root.find("workspaceFolder");
  const auto* mount = root.find("workspaceMount");
  if (folder) {
    // ${containerWorkspaceFolder} would be itself: it stays as it is written.
    Node node = *folder;
    PHOTON_CHECK(substitute(node, variables, reading.file));
    PHOTON_TRY(workspace.folder, reading.text(node, "workspaceFolder"));
    if (!workspace.folder.starts_with('/') && !workspace.folder.starts_with("${"))
      return reading.wrong(*folder, "workspaceFolder", "an absolute path", "\"/workspaces/web\"");
  }
  variables.container_folder = workspace.folder;
  if (mount) PHOTON_CHECK(read_mount(*mount, variables, reading, workspace));
  if (mount && !folder && workspace.mount) workspace.folder = workspace.mount->target;
  if (folder && workspace.mount && !(workspace.folder + "/").starts_with(workspace.mount->target + "/"))
    reading.warn(*folder,
                 fmt::format("\"workspaceFolder\" is not below {}, where the sources are mounted",
                             workspace.mount->target),
                 "add a \"workspaceMount\" with that target");
  return workspace;
}

Result<Plan> read_file(const Located& file, const Inputs& inputs, const std::string& id,
                       std::vector<Warning>& warnings) {
  Reading reading{file.shown, inputs.allow_unknown, false, inputs.local_env, &warnings};
  PHOTON_TRY(auto root, scan(file.text, file.shown));
  if (root.type != Node::Type::object)
    return fail_at(root.place(file.shown), Kind::usage, "spec.syntax", "the file must hold an object",
                   R"(the least is {"image": "debian:12"})");
  Variables variables{inputs.local_env, inputs.local_folder, "", id};
  PHOTON_TRY(auto workspace, read_workspace(root, inputs, reading, variables));
  variables.container_folder = workspace.folder;
  PHOTON_CHECK(substitute(root, variables, file.shown));
  PHOTON_TRY(auto plan, read_properties(root, reading));
  PHOTON_CHECK(settle_compose(root, file.path, reading, plan));
  PHOTON_CHECK(settle_build(root, file.path, repository_of(inputs), inputs, reading, plan));
  plan.workspace_mount = std::move(workspace.mount);
  plan.workspace_folder = std::move(workspace.folder);
  if (plan.compose) {
    plan.workspace_mount.reset();
    if (root.find("workspaceFolder") == nullptr) plan.workspace_folder = "/";
  }
  return plan;
}

}  // namespace

Result<Resolved> resolve(const Inputs& inputs) {
  PHOTON_TRY(auto file, locate(inputs));
  Resolved resolved;
  std::map<std::string, std::string> labels{{"devcontainer.local_folder", inputs.local_folder}};
  if (!file.path.empty()) labels["devcontainer.config_file"] = file.path;
  if (!inputs.labels.empty()) labels.clear();
  for (const auto& label : inputs.labels) {
    auto equals = label.find('=');
    labels[label.substr(0, equals)] = equals == label.npos ? "" : label.substr(equals + 1);
  }
  auto id = inputs.keep_id ? std::string() : devcontainer_id(labels);
  if (file.path.empty()) {
    auto workspace = default_workspace(inputs);
    resolved.plan.workspace_mount = std::move(workspace.mount);
    resolved.plan.workspace_folder = std::move(workspace.folder);
  } else {
    PHOTON_TRY(resolved.plan, read_file(file, inputs, id, resolved.warnings));
  }
  resolved.plan.local_folder = inputs.local_folder;
  resolved.plan.config_file = file.path;
  resolved.plan.id = id;
  resolved.plan.hash = plan_hash(resolved.plan);
  return resolved;
}

Plan resolve_in_container(Plan plan, const std::map<std::string, std::string>& container_env) {
  auto put = [&](std::string& text) { text = substitute_container(text, container_env); };
  for (auto& [name, value] : plan.remote_env)
    if (value) put(*value);
  for (auto& [stage, layers] : plan.hooks) {
    if (stage == Stage::initialize) continue;  // runs on the host
    for (auto& hooks : layers)
      for (auto& hook : hooks) {
        put(hook.shell);
        for (auto& word : hook.argv) put(word);
      }
  }
  put(plan.workspace_folder);
  return plan;
}

}  // namespace photon::spec
