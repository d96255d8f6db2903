// Every command of forge, in the order in which help shows them.
#include "packages/forge/commands/commands.hpp"

namespace photon::forge {
namespace {

constexpr const Command* all[] = {&build_command,   &why_command,  &graph_command,      &shell_command,
                                  &diff_command,    &lint_command, &report_command,     &import_command,
                                  &publish_command, &gc_command,   &completion_command, &version_command,
                                  &help_command};

constexpr Option common[] = {
    {"--json", "", "", "the answer as JSON on standard output"},
    {"--verbose", "", "", "show an error with its trace"},
    {"--help", "-h", "", "show this help"},
};

constexpr command::Lister listers[] = {
    {Completes::packages, "packages", "forge graph --format names 2>/dev/null"},
};

}  // namespace

std::span<const Command* const> commands() { return all; }

command::Words words_of(const Command& command) {
  return {.name = command.name,
          .summary = command.summary,
          .options = command.options,
          .positionals = command.positionals,
          .examples = command.examples};
}

const command::Program& program() {
  static const auto made = [] {
    command::Program out{.name = "forge", .common = common, .commands = {}, .listers = listers};
    for (const auto* command : all) out.commands.push_back(words_of(*command));
    return out;
  }();
  return made;
}

const Command* find_command(std::span<const std::string> words, std::size_t& used) {
  auto found = command::find_command(program(), words, used);
  return found ? all[*found] : nullptr;
}

}  // namespace photon::forge
