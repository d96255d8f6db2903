#include "devenv/devcontainer/options.hpp"

#include <array>

namespace photon::devcontainer {
namespace {

constexpr std::array<std::string_view, 3> levels{"info", "debug", "trace"};
constexpr std::array<std::string_view, 2> formats{"text", "json"};

constexpr Option options[] = {
    {"help", Takes::flag, "Show help"},
    {"version", Takes::flag, "Show version number"},
    {"user-data-folder", Takes::text, "a folder of the reference's own; nothing is kept there"},
    {"docker-path", Takes::text, "program that knows containers and images; without it the engine's socket"},
    {"docker-compose-path", Takes::text, "accepted; compose files are read without such a program"},
    {"workspace-folder", Takes::text,
     "folder whose configuration is read; the current one if nothing else is named"},
    {"mount-workspace-git-root", Takes::flag, "mount the whole repository (yes if not said)"},
    {"mount-git-worktree-common-dir", Takes::flag, "mount what a worktree shares with its repository"},
    {"container-id", Takes::text, "container whose environment and metadata count"},
    {"id-label", Takes::text, "NAME=VALUE; the container is looked up by it"},
    {"config", Takes::text, "devcontainer.json; else .devcontainer/devcontainer.json, .devcontainer.json"},
    {"override-config", Takes::text, "devcontainer.json that is read instead"},
    {"log-level", Takes::choice, "least level on standard error: info, debug, trace", levels},
    {"log-format", Takes::choice, "text or json", formats},
    {"terminal-columns", Takes::number, "width of the terminal; goes with --terminal-rows"},
    {"terminal-rows", Takes::number, "height of the terminal; goes with --terminal-columns"},
    {"include-features-configuration", Takes::flag, "features, as they would be installed"},
    {"include-merged-configuration", Takes::flag, "the merge of image, features and file"},
    {"additional-features", Takes::text, "more features, as JSON"},
    {"oci-auth-hardening", Takes::flag, "send logins to nobody but the registry and whom it may trust"},
    {"allow-cross-origin-auth-host", Takes::text, "REGISTRY=HOST that may check its logins"},
    {"skip-feature-auto-mapping", Takes::flag, "accepted, without effect", {}, true},
};

bool names_and_has_value(std::string_view label) {
  auto line_of = [](char c) { return c == '\n' || c == '\r'; };
  for (auto at = label.find('='); at != label.npos; at = label.find('=', at + 1))
    if (at > 0 && at + 1 < label.size() && !line_of(label[at - 1]) && !line_of(label[at + 1])) return true;
  return false;
}

}  // namespace

Result<std::vector<std::string>> id_labels(const Words& words) {
  auto given = words.texts.find("id-label");
  if (given == words.texts.end()) return std::vector<std::string>();
  for (const auto& label : given->second)
    if (!label.empty() && !names_and_has_value(label))
      return fail(Kind::usage, "reference.words",
                  "Unmatched argument format: id-label must match <name>=<value>");
  if (given->second.size() == 1 && given->second[0].empty()) return std::vector<std::string>();
  return given->second;
}

Result<void> check_terminal(const Words& words) {
  bool columns = words.texts.contains("terminal-columns"), rows = words.texts.contains("terminal-rows");
  if (columns == rows) return {};
  return fail(Kind::usage, "reference.words",
              fmt::format("Missing dependent arguments:\n terminal-{} -> terminal-{}",
                          columns ? "columns" : "rows", columns ? "rows" : "columns"));
}

LogSettings log_settings(const Words& words) {
  LogSettings settings;
  auto last = [&](std::string_view name) -> std::string {
    auto found = words.texts.find(name);
    // Given twice it is a list, which is no word that is known.
    return found == words.texts.end() || found->second.size() > 1 ? "" : found->second[0];
  };
  if (last("log-format") == "json") settings.format = LogFormat::json;
  auto level = last("log-level");
  settings.least = level == "trace"   ? LogLevel::trace
                   : level == "debug" ? LogLevel::debug
                   : level == "error" ? LogLevel::error
                                      : LogLevel::info;
  return settings;
}

AuthOptions auth_options(const Words& words) {
  AuthOptions options{flag_of(words, "oci-auth-hardening", false)};
  if (auto hosts = words.texts.find("allow-cross-origin-auth-host"); hosts != words.texts.end())
    options.trusted_hosts = hosts->second;
  return options;
}

Result<Invocation> parse_read_configuration(const std::vector<std::string>& given) {
  auto words = take_apart(given, options);
  Invocation made;
  made.help = flag_of(words, "help", false);
  made.version = flag_of(words, "version", false);
  if (made.help || made.version) return made;
  PHOTON_CHECK(check(words, options));
  PHOTON_CHECK(check_terminal(words));
  auto& read = made.read;
  PHOTON_TRY(read.id_labels, id_labels(words));
  PHOTON_TRY(read.workspace_folder, one_text(words, "workspace-folder"));
  PHOTON_TRY(read.config, one_text(words, "config"));
  PHOTON_TRY(read.override_config, one_text(words, "override-config"));
  PHOTON_TRY(read.container_id, one_text(words, "container-id"));
  PHOTON_TRY(read.additional_features, one_text(words, "additional-features"));
  PHOTON_TRY(made.docker_path, one_text(words, "docker-path"));
  auto said = [](const std::optional<std::string>& option) { return option && !option->empty(); };
  if (!said(read.container_id) && read.id_labels.empty() && !said(read.workspace_folder))
    read.workspace_folder = ".";
  read.mount_git_root = flag_of(words, "mount-workspace-git-root", true);
  read.mount_worktree_common_dir = flag_of(words, "mount-git-worktree-common-dir", false);
  read.include_features = flag_of(words, "include-features-configuration", false);
  read.include_merged = flag_of(words, "include-merged-configuration", false);
  made.log = log_settings(words);
  made.auth = auth_options(words);
  return made;
}

std::string help_of_read_configuration() {
  std::string text = "devcontainer read-configuration\n\nRead configuration\n\nOptions:\n";
  for (const auto& option : options)
    if (!option.hidden) text += fmt::format("  --{:32}{}\n", option.name, option.help);
  return text;
}

}  // namespace photon::devcontainer
