// The table of commands, and the three that every program has.
#include <algorithm>
#include <array>
#include <boost/json/array.hpp>

#include "devenv/command/completion.hpp"
#include "devenv/command/help.hpp"
#include "images/imager/commands/commands.hpp"

namespace photon::images {
namespace {

constexpr std::array all{&build_command, &list_command,       &show_command,   &run_command,
                         &help_command,  &completion_command, &version_command};

constexpr Option common[] = {{"--json", "", "", "the answer as JSON on standard output"},
                             {"--verbose", "", "", "show an error with its trace"},
                             {"--help", "-h", "", "show this help"}};
constexpr command::Lister listers[] = {
    {Completes::images, "images",
     "imager list --json 2>/dev/null | sed -n 's/.*\"name\": \"\\(.*\\)\".*/\\1/p'"}};

constexpr Positional shells[] = {{"SHELL", "bash, zsh or fish", true, Completes::words, "bash zsh fish"}};
constexpr Example completion_examples[] = {
    {"imager completion bash > ~/.local/share/bash-completion/completions/imager", "for bash"},
    {"imager completion fish > ~/.config/fish/completions/imager.fish", "for fish"}};
Result<int> complete(Context& context) {
  auto shell = context.arguments.positional(0);
  auto script = shell == "bash"  ? command::bash_completion(program())
                : shell == "zsh" ? command::zsh_completion(program())
                                 : command::fish_completion(program());
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
  if (context.json()) {
    json::array list;
    for (const auto& row : program().commands)
      list.push_back(json::object{{"name", row.name}, {"summary", row.summary}});
    PHOTON_CHECK(context.print_json(list));
    return 0;
  }
  const auto& words = context.arguments.positionals;
  std::size_t used = 0;
  auto index = words.empty() ? std::nullopt : command::find_command(program(), words, used);
  if (!words.empty() && !index) return tl::unexpected(command::unknown_command(program(), words[0]));
  PHOTON_CHECK(context.print(index ? command::help_of(program(), program().commands[*index])
                                   : command::help_of_all(program())));
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
    command::Program out{.name = "imager", .common = common, .commands = {}, .listers = listers};
    for (const auto* one : all)
      out.commands.push_back({.name = one->name,
                              .summary = one->summary,
                              .options = one->options,
                              .positionals = one->positionals,
                              .examples = one->examples});
    return out;
  }();
  return made;
}

const Command* find_command(std::span<const std::string> words, std::size_t& used) {
  auto index = command::find_command(program(), words, used);
  return index ? all[*index] : nullptr;
}

}  // namespace photon::images
