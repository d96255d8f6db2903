// Every command of devenv, in the order in which help shows them.
#include "devenv/cli/commands/commands.hpp"

namespace photon::cli {
namespace {

constexpr const Command* all[] = {
    &up_command,       &ls_command,         &ssh_command,          &exec_command,       &open_command,
    &logs_command,     &ports_command,      &status_command,       &stop_command,       &start_command,
    &rebuild_command,  &rm_command,         &image_import_command, &image_ls_command,   &image_rm_command,
    &image_gc_command, &login_command,      &logout_command,       &ssh_config_command, &ssh_proxy_command,
    &events_command,   &doctor_command,     &config_command,       &config_get_command, &config_set_command,
    &shutdown_command, &completion_command, &version_command,      &help_command,
};

constexpr Option common[] = {
    {"--json", "", "", "the answer as JSON on standard output"},
    {"--verbose", "", "", "show each call with its time, and an error with its trace"},
    {"--help", "-h", "", "show this help"},
};

}  // namespace

std::span<const Command* const> commands() { return all; }
std::span<const Option> common_options() { return common; }

const Command* find_command(std::span<const std::string> words, std::size_t& used) {
  for (used = std::min<std::size_t>(2, words.size()); used > 0; --used) {
    auto name = used == 2 ? words[0] + " " + words[1] : words[0];
    for (const auto* command : all)
      if (command->name == name) return command;
  }
  return nullptr;
}

}  // namespace photon::cli
