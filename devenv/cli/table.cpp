// Every command of devenv, in the order in which help shows them.
#include "devenv/cli/commands/commands.hpp"
#include "devenv/cli/completion.hpp"
#include "devenv/cli/help.hpp"
#include "devenv/command/completion.hpp"

namespace photon::cli {
namespace {

constexpr const Command* all[] = {
    &up_command,           &ls_command,           &ssh_command,         &exec_command,
    &open_command,         &logs_command,         &ports_command,       &status_command,
    &stop_command,         &start_command,        &rebuild_command,     &build_command,
    &rm_command,           &prebuild_command,     &prebuild_ls_command, &prebuild_rm_command,
    &image_import_command, &image_export_command, &image_pull_command,  &image_ls_command,
    &image_rm_command,     &image_gc_command,     &login_command,       &logout_command,
    &ssh_config_command,   &ssh_proxy_command,    &events_command,      &doctor_command,
    &config_command,       &config_get_command,   &config_set_command,  &shutdown_command,
    &completion_command,   &version_command,      &help_command,
};

constexpr Option common[] = {
    {"--json", "", "", "the answer as JSON on standard output"},
    {"--verbose", "", "", "show each call with its time, and an error with its trace"},
    {"--help", "-h", "", "show this help"},
};

constexpr command::Lister listers[] = {
    {Completes::environments, "environments", "devenv ls --quiet 2>/dev/null"},
    {Completes::images, "images",
     R"(devenv image ls --json 2>/dev/null | awk -F '"' '$2 == "name" {print $4}')", true},
    {Completes::prebuilds, "prebuilds", "devenv prebuild ls --quiet 2>/dev/null"},
};

}  // namespace

std::span<const Command* const> commands() { return all; }
std::span<const Option> common_options() { return common; }

command::Words words_of(const Command& command) {
  return {command.name,     command.summary, command.options, command.positionals,
          command.examples, command.rest,    command.hidden};
}

const command::Program& program() {
  static const auto made = [] {
    command::Program out{.name = "devenv", .common = common, .commands = {}, .listers = listers};
    for (const auto* command : all) out.commands.push_back(words_of(*command));
    return out;
  }();
  return made;
}

const Command* find_command(std::span<const std::string> words, std::size_t& used) {
  auto found = command::find_command(program(), words, used);
  return found ? all[*found] : nullptr;
}

Result<Arguments> parse(const Command& command, std::vector<std::string> words) {
  return command::parse(program(), words_of(command), std::move(words));
}

std::string synopsis(const Command& command) { return command::synopsis(program(), words_of(command)); }
std::string help_of(const Command& command) { return command::help_of(program(), words_of(command)); }
std::string help_of_all() { return command::help_of_all(program()); }
std::string help_of_group(std::string_view noun) { return command::help_of_group(program(), noun); }
Error unknown_command(std::string_view word) { return command::unknown_command(program(), word); }

std::string bash_completion() { return command::bash_completion(program()); }
std::string zsh_completion() { return command::zsh_completion(program()); }
std::string fish_completion() { return command::fish_completion(program()); }

}  // namespace photon::cli
