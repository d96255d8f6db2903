#include "devenv/cli/help.hpp"

#include "devenv/cli/commands/commands.hpp"

namespace photon::cli {
namespace {

constexpr Positional positionals[] = {{"COMMAND", "the command", false}, {"VERB", "its verb", false}};
constexpr Example examples[] = {{"devenv help up", "the same as devenv up --help"},
                                {"devenv help --json | jq -r '.[].name'", "all commands, for programs"}};

json::array options_json(std::span<const Option> options) {
  json::array out;
  for (const auto& option : options)
    out.push_back(json::object{{"name", option.name},
                               {"letter", option.letter},
                               {"value", option.value},
                               {"help", option.help},
                               {"repeats", option.repeats}});
  return out;
}

json::array table_json() {
  json::array out;
  for (const auto* command : commands())
    out.push_back(json::object{{"name", command->name},
                               {"summary", command->summary},
                               {"synopsis", synopsis(*command)},
                               {"options", options_json(command->options)}});
  return out;
}

Result<int> run(Context& context) {
  if (context.json()) {
    PHOTON_CHECK(context.print_json(table_json()));
    return 0;
  }
  const auto& words = context.arguments.positionals;
  if (words.empty()) {
    PHOTON_CHECK(context.print(help_of_all()));
    return 0;
  }
  std::size_t used = 0;
  const auto* command = find_command(words, used);
  auto text = command ? help_of(*command) : help_of_group(words[0]);
  if (text.empty()) return tl::unexpected(unknown_command(words[0]));
  PHOTON_CHECK(context.print(text));
  return 0;
}

}  // namespace

extern const Command help_command{"help", "list the commands, or explain one", {}, positionals, examples,
                                  run};

}  // namespace photon::cli
