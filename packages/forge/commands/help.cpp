#include "devenv/command/help.hpp"

#include <boost/json/array.hpp>

#include "packages/forge/commands/commands.hpp"

namespace photon::forge {
namespace {

constexpr Positional positionals[] = {{"COMMAND", "the command", false}};
constexpr Example examples[] = {{"forge help build", "the same as forge build --help"},
                                {"forge help --json | jq -r '.[].name'", "all commands, for programs"}};

Result<int> run(Context& context) {
  if (context.json()) {
    json::array list;
    for (const auto& row : program().commands)
      list.push_back(
          {{"name", row.name}, {"summary", row.summary}, {"synopsis", command::synopsis(program(), row)}});
    PHOTON_CHECK(context.print_json(list));
    return 0;
  }
  const auto& words = context.arguments.positionals;
  std::size_t used = 0;
  if (!words.empty() && !find_command(words, used))
    return tl::unexpected(command::unknown_command(program(), words[0]));
  PHOTON_CHECK(context.print(words.empty()
                                 ? command::help_of_all(program())
                                 : command::help_of(program(), words_of(*find_command(words, used)))));
  return 0;
}

}  // namespace

extern const Command help_command{"help", "list the commands, or explain one", {}, positionals, examples,
                                  run};

}  // namespace photon::forge
