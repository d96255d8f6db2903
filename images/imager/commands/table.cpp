// The table of commands, and the three that every program has.
#include <array>

#include "devenv/command/completion.hpp"
#include "devenv/command/help.hpp"
#include "images/imager/commands/commands.hpp"

namespace photon::images {
namespace {

constexpr std::array all{&build_command, &list_command,       &show_command,   &run_command,
                         &help_command,  &completion_command, &version_command};

constexpr command::Lister listers[] = {
    {Completes::images, "images",
     "imager list --json 2>/dev/null | sed -n 's/.*\"name\": \"\\(.*\\)\".*/\\1/p'"}};

constexpr Positional shells[] = {{"SHELL", "bash, zsh or fish", true, Completes::words, "bash zsh fish"}};
constexpr Example completion_examples[] = {
    {"imager completion bash > ~/.local/share/bash-completion/completions/imager", "for bash"},
    {"imager completion fish > ~/.config/fish/completions/imager.fish", "for fish"}};
Result<int> complete(Context& context) {
  auto shell = context.arguments.positional(0);
  auto script = command::completion(program(), shell);
  if (context.json()) script = write_json_pretty(json::object{{"shell", shell}, {"script", script}});
  PHOTON_CHECK(context.print(script));
  return 0;
}

constexpr Example version_examples[] = {{"imager version", "of this program"},
                                        {"imager version --json | jq -r .version", "for scripts"}};
Result<int> version(Context& context) {
  if (context.json()) {
    PHOTON_CHECK(context.print_json(json::object{{"version", PHOTON_VERSION}}));
  } else {
    PHOTON_CHECK(context.print(fmt::format("imager {}\n", PHOTON_VERSION)));
  }
  return 0;
}

constexpr Positional topics[] = {{"COMMAND", "the command", false}};
constexpr Example help_examples[] = {{"imager help build", "the same as imager build --help"},
                                     {"imager help --json | jq -r '.[].name'", "all commands, for programs"}};
Result<int> help(Context& context) {
  PHOTON_TRY(auto text, command::answer_help(program(), context.arguments.positionals, context.json()));
  PHOTON_CHECK(context.print(text));
  return 0;
}

}  // namespace

extern const Command completion_command{
    "completion", "print the completions for a shell", {}, shells, completion_examples, complete};
extern const Command version_command{"version", "print the version", {}, {}, version_examples, version};
extern const Command help_command{"help", "list the commands, or explain one", {}, topics, help_examples,
                                  help};

std::span<const Command* const> commands() { return all; }

const command::Program& program() {
  static const command::Program made = [] {
    command::Program out{
        .name = "imager", .common = command::common_options, .commands = {}, .listers = listers};
    for (const auto* one : all) out.commands.push_back(one->words());
    return out;
  }();
  return made;
}

}  // namespace photon::images
