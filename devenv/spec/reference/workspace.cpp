// Where the sources are mounted from and to, and what the container calls its folder.
#include "devenv/spec/reference/configuration.hpp"
#include "devenv/spec/reference/paths.hpp"

namespace photon::spec::reference {
namespace {

/// "type=bind,source=…,target=…": a comma in a path is quoted as CSV does.
std::string bind_mount(const std::string& source, const std::string& target) {
  auto quoted = [](std::string_view name, const std::string& path) {
    std::string_view quote = path.find(',') == path.npos ? "" : "\"";
    return fmt::format("{}{}={}{}", quote, name, path, quote);
  };
  return fmt::format("type=bind,{},{}", quoted("source", source), quoted("target", target));
}

/// The relative folder behind "gitdir:" of a worktree's .git file.
std::optional<std::string> relative_git_folder(const std::string& text) {
  constexpr std::string_view word = "gitdir:";
  for (std::size_t line = 0; line < text.size();) {
    auto end = std::min(text.find_first_of("\n\r", line), text.size());
    if (text.compare(line, word.size(), word) == 0) {
      auto begin = text.find_first_not_of(" \t\n\r", line + word.size());
      if (begin == text.npos) return std::nullopt;
      auto folder = text.substr(begin, text.find_first_of("\n\r", begin) - begin);
      if (folder.starts_with('/')) return std::nullopt;
      return folder;
    }
    line = end + 1;
  }
  return std::nullopt;
}

struct Mounted {
  std::string host;       ///< the repository's root, or the folder itself
  std::string container;  ///< where it is found inside
  std::string common;     ///< the mount of a worktree's common folder; "" = none
};

/// A worktree needs the folder of its repository beside it, in the same relation as outside.
Result<void> add_common_folder(Mounted& mounted, const World& world) {
  auto file = joined({mounted.host, ".git"});
  if (!world.is_file(file)) return {};
  PHOTON_TRY(auto text, world.read(file));
  auto git = relative_git_folder(text.value_or(""));
  if (!git) return {};
  auto common = resolved({mounted.host, *git, "..", ".."});
  std::string below;
  for (auto at = mounted.host; !common.starts_with(at + "/") && at != "/"; at = folder_of(at))
    below = below.empty() ? base_name(at) : base_name(at) + "/" + below;
  mounted.container = joined({"/workspaces", below});
  mounted.common = bind_mount(common, resolved({mounted.container, *git, "..", ".."}));
  return {};
}

}  // namespace

Result<Value> workspace_mounts(const Value& config, const std::optional<Workspace>& workspace,
                               const ReadOptions& options, const World& world) {
  const auto& said = *config.object();
  Value folder = config.at("workspaceFolder"), mount = config.at("workspaceMount"), common;
  if (said.has("dockerComposeFile")) {
    if (!folder.truthy()) folder = "/";
    mount = Value();
  } else if (workspace && (!folder.truthy() || !said.has("workspaceMount"))) {
    Mounted mounted{workspace->root, {}, {}};
    if (options.mount_git_root)
      if (auto way = world.way_to_git_root(workspace->root)) mounted.host = resolved({workspace->root, *way});
    mounted.container = joined({"/workspaces", base_name(mounted.host)});
    if (options.mount_git_root && options.mount_worktree_common_dir)
      PHOTON_CHECK(add_common_folder(mounted, world));
    if (!folder.truthy()) folder = joined({mounted.container, relative(mounted.host, workspace->root)});
    if (!said.has("workspaceMount")) mount = bind_mount(mounted.host, mounted.container);
    if (!mounted.common.empty()) common = mounted.common;
  }
  Object mounts;
  mounts.set("workspaceFolder", std::move(folder));
  mounts.set("workspaceMount", std::move(mount));
  mounts.set("additionalMountString", std::move(common));
  return mounts;
}

}  // namespace photon::spec::reference
