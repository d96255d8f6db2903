#include "devenv/devcontainer/packages/command.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>

#include "devenv/core/fd.hpp"
#include "devenv/devcontainer/face.hpp"
#include "devenv/devcontainer/machine.hpp"
#include "devenv/spec/reference/lock.hpp"
#include "devenv/spec/reference/paths.hpp"

namespace photon::devcontainer {
namespace {

constexpr std::array<std::string_view, 4> levels{"error", "info", "debug", "trace"};
constexpr std::array<std::string_view, 3> fewer_levels{"info", "debug", "trace"};

std::vector<Option> all_options(const PackageCommand& command) {
  std::vector<Option> all{{"help", Takes::flag, "Show help"},
                          {"version", Takes::flag, "Show version number"}};
  all.insert(all.end(), command.options.begin(), command.options.end());
  bool has_level =
      std::any_of(all.begin(), all.end(), [](const auto& one) { return one.name == "log-level"; });
  if (!has_level)
    all.push_back(
        {"log-level", Takes::choice, "least level on standard error: info, debug, trace", fewer_levels});
  all.push_back(
      {"oci-auth-hardening", Takes::flag, "send logins to nobody but the registry and whom it may trust"});
  all.push_back({"allow-cross-origin-auth-host", Takes::text, "REGISTRY=HOST that may check its logins"});
  return all;
}

std::string help_of(const PackageCommand& command, std::span<const Option> options) {
  std::string usage = fmt::format("devcontainer {}", command.name);
  for (const auto& positional : command.positionals) usage += fmt::format(" <{}>", positional.name);
  auto text = fmt::format("{}\n\n{}\n", usage, command.help);
  if (!command.positionals.empty()) text += "\nPositionals:\n";
  for (const auto& positional : command.positionals)
    text += fmt::format("  {:34}{}\n", positional.name, positional.help);
  text += "\nOptions:\n";
  for (const auto& option : options)
    if (!option.hidden)
      text += fmt::format("  {}--{:30}{}\n", option.letter ? fmt::format("-{}, ", option.letter) : "    ",
                          option.name, option.help);
  return text;
}

std::string help_of_group(std::string_view group) {
  auto text = fmt::format("devcontainer {}\n\nCommands:\n", group);
  // That one asks no registry itself: the daemon does.
  if (group == "features") text += fmt::format("  devcontainer {:34}Test Features\n", "features test");
  for (const auto& command : package_commands())
    if (command.name.starts_with(group))
      text += fmt::format("  devcontainer {:34}{}\n", command.name, command.help);
  return text;
}

Result<int> run_words(const PackageCommand& command, const Words& words) {
  auto settings = log_settings(words);
  if (!words.texts.contains("log-level")) settings.least = command.least;
  settings.terminal = ::isatty(1) == 1;
  Log log(settings, log_header());
  auto done = [&]() -> Result<int> {
    PHOTON_TRY(auto auth, Auth::make(auth_options(words), log));
    Fetch fetch(std::move(auth), log);
    PHOTON_TRY(auto world, this_machine({}, log));
    world.packages = fetch.packages();
    return command.run({words, log, fetch, world});
  }();
  return done ? *done : fault(log, done.error());
}

}  // namespace

Result<std::string> Call::text(std::string_view option, std::string_view otherwise) const {
  PHOTON_TRY(auto said, one_text(words, option));
  return said ? std::move(*said) : std::string(otherwise);
}

Result<std::string> Call::workspace() const {
  PHOTON_TRY(auto said, text("workspace-folder"));
  return spec::reference::resolved({world.working_folder, said});
}

Result<void> print(std::string_view text) { return write_all(1, text); }

Result<CommandConfiguration> read_command_configuration(const Call& call) {
  spec::reference::ReadOptions options;
  PHOTON_TRY(options.workspace_folder, call.workspace());
  PHOTON_TRY(options.config, call.text("config"));
  auto workspace = workspace_of(options, call.world);
  auto place = locate(options, workspace, call.world);
  if (place) {
    PHOTON_TRY(auto read, read_file(*place, workspace, options, call.world));
    if (read)
      return CommandConfiguration{*place, std::move(*read), feature_inputs(place, workspace, call.world)};
  }
  return fail(
      Kind::failed, "reference.no-file",
      fmt::format("Dev container config ({}) not found.",
                  place ? place->path
                        : spec::reference::joined({workspace->root, ".devcontainer/devcontainer.json"})));
}

Result<spec::reference::Value> lock_beside(const CommandConfiguration& read, const Call& call) {
  auto path = spec::reference::lock_path(read.place.path);
  PHOTON_TRY(auto bytes, call.world.read(path));
  PHOTON_TRY(auto lock, spec::reference::read_lock(bytes, path));
  return lock ? std::move(*lock) : spec::reference::Value();
}

int run_package_command(const std::vector<std::string>& given) {
  if (given.empty()) return wrong_words("", "there is no command");
  bool group = given[0] == "features" || given[0] == "templates";
  std::size_t used = 1;
  auto name = given[0];
  if (group && given.size() > 1 && !given[1].starts_with('-')) name += " " + given[used++];
  auto commands = package_commands();
  auto command =
      std::find_if(commands.begin(), commands.end(), [&](const auto& one) { return one.name == name; });
  if (command == commands.end()) {
    if (!group) return wrong_words("", "Unknown argument: " + name);
    auto help = help_of_group(given[0]);
    if (used == 2) return wrong_words(help, "Unknown argument: " + given[1]);
    bool asked = std::find(given.begin(), given.end(), "--help") != given.end();
    return print(asked ? help : "") ? 0 : 1;
  }
  auto options = all_options(*command);
  auto words = take_apart({given.begin() + static_cast<std::ptrdiff_t>(used), given.end()}, options,
                          command->positionals.size());
  if (flag_of(words, "help", false)) return print(help_of(*command, options)) ? 0 : 1;
  if (flag_of(words, "version", false)) return print(fmt::format("{}\n", follows)) ? 0 : 1;
  auto fine = check(words, options, command->positionals);
  if (fine) fine = check_terminal(words);
  if (!fine) return wrong_words(help_of(*command, options), fine.error().message);
  auto status = run_words(*command, words);
  return status ? *status : 1;
}

}  // namespace photon::devcontainer
