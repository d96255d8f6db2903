#include "devenv/devcontainer/container_options.hpp"

#include <algorithm>
#include <array>

#include "devenv/devcontainer/options.hpp"

namespace photon::devcontainer {
namespace {

constexpr std::array<std::string_view, 3> levels{"info", "debug", "trace"};
constexpr std::array<std::string_view, 2> formats{"text", "json"};
constexpr std::array<std::string_view, 4> probes{"none", "loginInteractiveShell", "interactiveShell",
                                                 "loginShell"};
constexpr std::array<std::string_view, 3> update{"never", "on", "off"};
constexpr std::array<std::string_view, 3> consistencies{"consistent", "cached", "delegated"};
constexpr std::array<std::string_view, 3> gpus{"all", "detect", "none"};
constexpr std::array<std::string_view, 2> buildkit{"auto", "never"};

/// A row: the option, the commands that have it, and whether it does nothing here, which is told.
struct Row {
  Option option;
  std::string_view of;  ///< "u" up, "e" exec, "r" run-user-commands, "b" build, "s" set-up
  bool idle = false;
};

constexpr Row rows[] = {
    {{"help", Takes::flag, "Show help"}, "uerbs"},
    {{"version", Takes::flag, "Show version number"}, "uerbs"},
    {{"workspace-folder", Takes::text, "folder that it is about; the current one if nothing else is named"},
     "uerb"},
    {{"config", Takes::text, "devcontainer.json; else .devcontainer/devcontainer.json, .devcontainer.json"},
     "uerbs"},
    {{"override-config", Takes::text, "devcontainer.json that is read instead"}, "uer"},
    {{"container-id", Takes::text, "id or name of the environment"}, "ers"},
    {{"id-label", Takes::text, "NAME=VALUE; the environment that has it, or gets it"}, "uer"},
    {{"mount-workspace-git-root", Takes::flag, "mount the whole repository (yes if not said)"}, "uer"},
    {{"mount-git-worktree-common-dir", Takes::flag, "mount what a worktree shares with its repository"},
     "uer"},
    {{"mount", Takes::text, "type=<bind|volume>,source=<source>,target=<target>: one more mount"}, "u"},
    {{"remote-env", Takes::text, "NAME=VALUE for processes, where the configuration does not set it"},
     "uers"},
    {{"additional-features", Takes::text, "more features, as JSON"}, "ub"},
    {{"remove-existing-container", Takes::flag, "make the container anew"}, "u"},
    {{"expect-existing-container", Takes::flag, "fail if there is none"}, "u"},
    {{"skip-post-create", Takes::flag, "run no lifecycle command in the container"}, "us"},
    {{"skip-non-blocking-commands", Takes::flag, "run them no further than waitFor says"}, "urs"},
    {{"skip-post-attach", Takes::flag, "do not run postAttachCommand"}, "ur"},
    {{"prebuild", Takes::flag, "end after updateContentCommand, which runs again"}, "ur"},
    {{"stop-for-personalization", Takes::flag, "end before postStartCommand"}, "r"},
    {{"dotfiles-repository", Takes::text, "repository that is cloned and installed inside"}, "urs"},
    {{"dotfiles-install-command", Takes::text, "command in it; else the first usual one"}, "urs"},
    {{"dotfiles-target-path", Takes::text, "where it is cloned to; ~/dotfiles"}, "urs"},
    {{"secrets-file", Takes::text, "JSON: variables of lifecycle commands that no log shows"}, "ur"},
    {{"default-user-env-probe", Takes::choice, "userEnvProbe where nothing says it", probes}, "uers"},
    {{"update-remote-user-uid-default", Takes::choice,
      "never, on, off: updateRemoteUserUID where nothing says it", update},
     "u"},
    {{"no-lockfile", Takes::flag, "neither read nor write devcontainer-lock.json"}, "ub"},
    {{"frozen-lockfile", Takes::flag, "fail if devcontainer-lock.json is not there or would change"}, "ub"},
    {{"image-name", Takes::text, "name of the image; several are several names"}, "b"},
    {{"label", Takes::text, "NAME=VALUE: a label of the image"}, "b"},
    {{"no-cache", Takes::flag, "build all of it anew"}, "b"},
    {{"platform", Takes::text, "this machine's, or it is refused"}, "b"},
    {{"push", Takes::flag, "give the image to the registry of each name"}, "b"},
    {{"output", Takes::text, "type=docker, or type=oci,dest=FILE: an archive, too"}, "b"},
    {{"include-configuration", Takes::flag, "the configuration in the answer"}, "us"},
    {{"include-merged-configuration", Takes::flag, "the merge of image, features and file in the answer"},
     "us"},
    {{"log-level", Takes::choice, "least level on standard error: info, debug, trace", levels}, "uerbs"},
    {{"log-format", Takes::choice, "text or json", formats}, "uerbs"},
    {{"terminal-columns", Takes::number, "width of the terminal; goes with --terminal-rows"}, "uers"},
    {{"terminal-rows", Takes::number, "height of the terminal; goes with --terminal-columns"}, "uers"},
    {{"oci-auth-hardening", Takes::flag, "accepted; logins go to nobody but the registry anyway"}, "uerbs"},
    {{"allow-cross-origin-auth-host", Takes::text, "accepted; no effect"}, "uerbs", true},
    {{"docker-path", Takes::text, "accepted; no such program is asked"}, "uerbs", true},
    {{"docker-compose-path", Takes::text, "accepted; no such program is asked"}, "uerb", true},
    {{"user-data-folder", Takes::text, "accepted; nothing is kept there"}, "uerbs"},
    {{"container-data-folder", Takes::text, "accepted; nothing is kept in the container"}, "uers", true},
    {{"container-system-data-folder", Takes::text, "accepted; nothing is kept in the container"},
     "uers",
     true},
    {{"container-session-data-folder", Takes::text, "accepted; nothing is kept in the container"},
     "urs",
     true},
    {{"workspace-mount-consistency", Takes::choice, "accepted; nothing on Linux", consistencies}, "u"},
    {{"gpu-availability", Takes::choice, "accepted; no GPU is handed in yet", gpus}, "u", true},
    {{"build-no-cache", Takes::flag, "accepted; layers of features are kept by what is in them"}, "u", true},
    {{"cache-from", Takes::text, "accepted; no effect"}, "ub", true},
    {{"cache-to", Takes::text, "accepted; no effect"}, "ub", true},
    {{"buildkit", Takes::choice, "accepted; no effect", buildkit}, "ub", true},
    {{"skip-feature-auto-mapping", Takes::flag, "accepted, without effect", {}, true}, "uerb"},
    {{"omit-config-remote-env-from-metadata", Takes::flag, "accepted, without effect", {}, true}, "u"},
    {{"omit-syntax-directive", Takes::flag, "accepted, without effect", {}, true}, "ub"},
    {{"skip-persisting-customizations-from-features",
      Takes::flag,
      "leave customizations of features out of the image's metadata",
      {},
      true},
     "b"},
    {{"experimental-lockfile", Takes::flag, "accepted: lock files are kept", {}, true}, "ub"},
    {{"experimental-frozen-lockfile", Takes::flag, "--frozen-lockfile", {}, true}, "ub"},
};

struct Said {
  std::string_view word;
  std::string_view usage;
  std::string_view help;
};
Said said(ContainerCommand command) {
  if (command == ContainerCommand::up) return {"u", "up", "Create and run dev container"};
  if (command == ContainerCommand::exec)
    return {"e", "exec <cmd> [args..]", "Execute a command on a running dev container"};
  if (command == ContainerCommand::build) return {"b", "build [path]", "Build a dev container image"};
  if (command == ContainerCommand::set_up)
    return {"s", "set-up", "Set up an existing container as a dev container"};
  return {"r", "run-user-commands", "Run user commands"};
}

std::vector<Option> options_of(ContainerCommand command) {
  std::vector<Option> options;
  for (const auto& row : rows)
    if (row.of.find(said(command).word) != row.of.npos) options.push_back(row.option);
  if (command == ContainerCommand::set_up)
    for (auto& option : options) option.required = option.name == "container-id";
  return options;
}

std::vector<std::string> all_of(const Words& words, std::string_view name) {
  auto found = words.texts.find(name);
  if (found == words.texts.end() || (found->second.size() == 1 && found->second[0].empty())) return {};
  return found->second;
}

tl::unexpected<Error> wrong(std::string_view message) {
  return fail(Kind::usage, "reference.words", std::string(message));
}

/// "type=<bind|volume>,source=…,target=…[,external=<true|false>]", in this order and nothing else.
bool is_mount(std::string_view text) {
  auto take = [&](std::string_view word) {
    bool there = text.starts_with(word);
    if (there) text.remove_prefix(word.size());
    return there;
  };
  auto value = [&] {
    auto size = std::min(text.find(','), text.size());
    text.remove_prefix(size);
    return size > 0;
  };
  if (!take("type=bind,") && !take("type=volume,")) return false;
  if (!take("source=") || !value() || !take(",target=") || !value()) return false;
  return text.empty() || text == ",external=true" || text == ",external=false";
}

/// Without what only one engine knows.
std::string plain_mount(const std::string& text) { return text.substr(0, text.find(",external=")); }

Result<void> check_forms(const Words& words) {
  for (const auto& mount : all_of(words, "mount"))
    if (!is_mount(mount))
      return wrong(
          "Unmatched argument format: mount must match "
          "type=<bind|volume>,source=<source>,target=<target>[,external=<true|false>]");
  for (const auto& variable : all_of(words, "remote-env"))
    if (auto at = variable.find('='); at == variable.npos || at == 0)
      return wrong("Unmatched argument format: remote-env must match <name>=<value>");
  bool none = flag_of(words, "no-lockfile", false);
  for (const auto* other : {"frozen-lockfile", "experimental-frozen-lockfile", "experimental-lockfile"})
    if (none && flag_of(words, other, false))
      return wrong(fmt::format("--no-lockfile and --{} are mutually exclusive.", other));
  return check_terminal(words);
}

Result<void> take_texts(ContainerOptions& made, const Words& words) {
  struct Field {
    std::string_view name;
    std::string& to;
  };
  const Field fields[] = {{"default-user-env-probe", made.probe},
                          {"dotfiles-repository", made.dotfiles_repository},
                          {"dotfiles-install-command", made.dotfiles_install},
                          {"dotfiles-target-path", made.dotfiles_target},
                          {"secrets-file", made.secrets_file},
                          {"platform", made.platform},
                          {"output", made.output},
                          {"update-remote-user-uid-default", made.update_uid}};
  for (const auto& field : fields) {
    PHOTON_TRY(auto text, one_text(words, field.name));
    field.to = text.value_or("");
  }
  if (made.update_uid == "on") made.update_uid.clear();
  auto& read = made.read;
  PHOTON_TRY(read.workspace_folder, one_text(words, "workspace-folder"));
  PHOTON_TRY(read.config, one_text(words, "config"));
  PHOTON_TRY(read.override_config, one_text(words, "override-config"));
  PHOTON_TRY(read.container_id, one_text(words, "container-id"));
  PHOTON_TRY(read.additional_features, one_text(words, "additional-features"));
  return {};
}

void take_flags(ContainerOptions& made, const Words& words) {
  auto flag = [&](std::string_view name) { return flag_of(words, name, false); };
  made.read.mount_git_root = flag_of(words, "mount-workspace-git-root", true);
  made.read.mount_worktree_common_dir = flag("mount-git-worktree-common-dir");
  made.read.include_merged = flag("include-merged-configuration");
  made.include_configuration = flag("include-configuration");
  made.remove_existing = flag("remove-existing-container");
  made.expect_existing = flag("expect-existing-container");
  made.skip_hooks = flag("skip-post-create");
  made.only_waited = flag("skip-non-blocking-commands");
  made.skip_attach = flag("skip-post-attach");
  made.prebuild = flag("prebuild");
  made.before_start = flag("stop-for-personalization");
  made.anew = flag("no-cache");
  made.push = flag("push");
  made.leave_out_customizations = flag("skip-persisting-customizations-from-features");
  if (flag("no-lockfile")) made.lock = "none";
  if (flag("frozen-lockfile") || flag("experimental-frozen-lockfile")) made.lock = "frozen";
}

}  // namespace

Result<ContainerOptions> parse_container_options(ContainerCommand command,
                                                 const std::vector<std::string>& given) {
  const auto options = options_of(command);
  const bool exec = command == ContainerCommand::exec;
  // Its word without a name means nothing to the reference.
  const bool build = command == ContainerCommand::build;
  auto words = exec ? take_front(given, options) : take_apart(given, options, build ? 1 : 0);
  ContainerOptions made;
  made.help = flag_of(words, "help", false);
  made.version = flag_of(words, "version", false);
  if (made.help || made.version) return made;
  PHOTON_CHECK(check(words, options));
  PHOTON_CHECK(check_forms(words));
  PHOTON_TRY(made.read.id_labels, id_labels(words));
  PHOTON_CHECK(take_texts(made, words));
  take_flags(made, words);
  for (const auto& mount : all_of(words, "mount")) made.mounts.push_back(plain_mount(mount));
  made.remote_env = all_of(words, "remote-env");
  made.image_names = all_of(words, "image-name");
  made.labels = all_of(words, "label");
  made.log = log_settings(words);
  if (build && !words.positionals.empty()) made.without_effect.push_back(words.positionals[0]);
  if (exec) made.command = std::move(words.positionals);
  for (const auto& row : rows)
    if (row.idle && (words.texts.contains(row.option.name) || flag_of(words, row.option.name, false)))
      made.without_effect.emplace_back(row.option.name);
  auto named = [](const std::optional<std::string>& option) { return option && !option->empty(); };
  auto& read = made.read;
  // What `up` makes may be described by an override alone; the others look for what is there.
  const auto& instead = command == ContainerCommand::up ? read.override_config : read.container_id;
  if (command == ContainerCommand::set_up) return made;
  if (!named(read.workspace_folder) && read.id_labels.empty() && !named(instead)) read.workspace_folder = ".";
  return made;
}

std::string help_of(ContainerCommand command) {
  const auto what = said(command);
  auto text = fmt::format("devcontainer {}\n\n{}\n\nOptions:\n", what.usage, what.help);
  for (const auto& option : options_of(command))
    if (!option.hidden) text += fmt::format("  --{:34}{}\n", option.name, option.help);
  return text;
}

}  // namespace photon::devcontainer
