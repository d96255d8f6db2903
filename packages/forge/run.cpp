#include "packages/forge/run.hpp"

#include <algorithm>

#include "devenv/command/help.hpp"
#include "packages/forge/commands/commands.hpp"

namespace photon::forge {
namespace {

int report(const Error& error, bool as_json, bool verbose) {
  if (as_json) (void)write_all(1, write_json_pretty(json::object{{"error", to_json(error)}}));
  (void)write_all(2, render("forge", error, look_at(2), verbose));
  return exit_status(error.kind);
}

bool has_word(const std::vector<std::string>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

int run_command(const Command& command, std::vector<std::string> words) {
  bool as_json = has_word(words, "--json");
  auto row = words_of(command);
  auto parsed = command::parse(program(), row, std::move(words));
  if (!parsed) return report(parsed.error(), as_json, false);
  if (parsed->flag("--help")) return write_all(1, command::help_of(program(), row)) ? 0 : 1;
  Context context(std::move(*parsed));
  auto status = command.run(context);
  if (status) return *status;
  return report(status.error(), context.json(), context.verbose());
}

}  // namespace

int run(std::vector<std::string> words) {
  if (words.empty()) {
    (void)write_all(2, command::help_of_all(program()));
    return exit_status(Kind::usage);
  }
  // `forge --json graph` means `forge graph --json`.
  auto common = [](const std::string& word) { return word == "--json" || word == "--verbose"; };
  auto first = std::find_if_not(words.begin(), words.end(), common);
  if (first != words.end()) std::rotate(words.begin(), first, first + 1);
  if (words[0] == "--help" || words[0] == "-h") words[0] = "help";
  if (words[0] == "--version") words[0] = "version";
  std::size_t used = 0;
  if (const auto* command = find_command(words, used))
    return run_command(*command, {words.begin() + static_cast<std::ptrdiff_t>(used), words.end()});
  return report(command::unknown_command(program(), words[0]), has_word(words, "--json"), false);
}

}  // namespace photon::forge
