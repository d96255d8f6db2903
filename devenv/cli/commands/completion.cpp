#include "devenv/cli/completion.hpp"

#include "devenv/cli/commands/commands.hpp"

namespace photon::cli {
namespace {

constexpr Positional positionals[] = {
    {"SHELL", "bash, zsh or fish", true, Completes::words, "bash zsh fish"}};
constexpr Example examples[] = {
    {"devenv completion bash > ~/.local/share/bash-completion/completions/devenv", "for bash"},
    {"devenv completion fish > ~/.config/fish/completions/devenv.fish", "for fish"}};

Result<int> run(Context& context) {
  auto shell = context.arguments.positional(0);
  auto script = shell == "bash" ? bash_completion() : shell == "zsh" ? zsh_completion() : fish_completion();
  if (context.json()) {
    PHOTON_CHECK(context.print_json(json::object{{"shell", shell}, {"script", script}}));
  } else {
    PHOTON_CHECK(context.print(script));
  }
  return 0;
}

}  // namespace

extern const Command completion_command{
    "completion", "print the completions for a shell", {}, positionals, examples, run};

}  // namespace photon::cli
