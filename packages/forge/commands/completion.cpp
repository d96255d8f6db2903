#include "devenv/command/completion.hpp"

#include "packages/forge/commands/commands.hpp"

namespace photon::forge {
namespace {

constexpr Positional positionals[] = {
    {"SHELL", "bash, zsh or fish", true, Completes::words, "bash zsh fish"}};
constexpr Example examples[] = {
    {"forge completion bash > ~/.local/share/bash-completion/completions/forge", "for bash"},
    {"forge completion fish > ~/.config/fish/completions/forge.fish", "for fish"}};

Result<int> run(Context& context) {
  auto shell = context.arguments.positional(0);
  auto script = command::completion(program(), shell);
  if (context.json()) {
    PHOTON_CHECK(context.print_json({{"shell", shell}, {"script", script}}));
  } else {
    PHOTON_CHECK(context.print(script));
  }
  return 0;
}

}  // namespace

extern const Command completion_command{
    "completion", "print the completions for a shell", {}, positionals, examples, run};

}  // namespace photon::forge
