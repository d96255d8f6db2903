// Every command of forge, in the order in which help shows them.
#include "packages/forge/commands/commands.hpp"

namespace photon::forge {
namespace {

constexpr const Command* all[] = {&build_command,   &why_command,  &graph_command,      &shell_command,
                                  &diff_command,    &lint_command, &report_command,     &import_command,
                                  &publish_command, &gc_command,   &completion_command, &version_command,
                                  &help_command};

constexpr command::Lister listers[] = {
    {Completes::packages, "packages", "forge graph --format names 2>/dev/null"},
};

}  // namespace

std::span<const Command* const> commands() { return all; }

const command::Program& program() {
  static const auto made = [] {
    command::Program out{
        .name = "forge", .common = command::common_options, .commands = {}, .listers = listers};
    for (const auto* command : all) out.commands.push_back(command->words());
    return out;
  }();
  return made;
}

}  // namespace photon::forge
