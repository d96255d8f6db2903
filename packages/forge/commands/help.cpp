#include "devenv/command/help.hpp"

#include "packages/forge/commands/commands.hpp"

namespace photon::forge {
namespace {

constexpr Positional positionals[] = {{"COMMAND", "the command", false}};
constexpr Example examples[] = {{"forge help build", "the same as forge build --help"},
                                {"forge help --json | jq -r '.[].name'", "all commands, for programs"}};

Result<int> run(Context& context) {
  PHOTON_TRY(auto text, command::answer_help(program(), context.arguments.positionals, context.json()));
  PHOTON_CHECK(context.print(text));
  return 0;
}

}  // namespace

extern const Command help_command{"help", "list the commands, or explain one", {}, positionals, examples,
                                  run};

}  // namespace photon::forge
