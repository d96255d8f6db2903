#include "devenv/command/run.hpp"

#include <algorithm>

#include "devenv/command/completion.hpp"
#include "devenv/command/help.hpp"
#include "devenv/core/fd.hpp"
#include "devenv/core/json.hpp"
#include "devenv/core/terminal.hpp"

namespace photon::command {
namespace {

int report(const Program& program, const Error& error, bool as_json, bool verbose) {
  if (as_json) (void)write_all(1, write_json_pretty(json::object{{"error", to_json(error)}}));
  (void)write_all(2, render(program.name, error, look_at(2), verbose));
  return exit_status(error.kind);
}

int run_command(const Program& program, std::size_t index, std::vector<std::string> words, const Act& act) {
  const auto& row = program.commands[index];
  bool as_json = std::find(words.begin(), words.end(), "--json") != words.end();
  auto parsed = parse(program, row, std::move(words));
  if (!parsed) return report(program, parsed.error(), as_json, false);
  auto show = [](const std::string& text) { return write_all(1, text) ? 0 : 1; };
  if (auto shell = parsed->text("--completion"); !shell.empty()) return show(completion(program, shell));
  if (parsed->flag("--help")) return show(help_of(program, row));
  bool verbose = parsed->flag("--verbose");
  auto status = act(index, std::move(*parsed));
  return status ? *status : report(program, status.error(), as_json, verbose);
}

}  // namespace

int run_program(const Program& program, std::vector<std::string> words, const Act& act) {
  if (program.commands.size() == 1 && program.commands[0].name.empty())
    return run_command(program, 0, std::move(words), act);
  if (words.empty()) {
    (void)write_all(2, help_of_all(program));
    return exit_status(Kind::usage);
  }
  auto common = [](const std::string& word) { return word == "--json" || word == "--verbose"; };
  if (auto first = std::find_if_not(words.begin(), words.end(), common); first != words.end())
    std::rotate(words.begin(), first, first + 1);
  if (words[0] == "--help" || words[0] == "-h") words[0] = "help";
  if (words[0] == "--version") words[0] = "version";
  std::size_t used = 0;
  if (auto index = find_command(program, words, used))
    return run_command(program, *index, {words.begin() + static_cast<std::ptrdiff_t>(used), words.end()},
                       act);
  bool as_json = std::find(words.begin(), words.end(), "--json") != words.end();
  return report(program, unknown_command(program, words[0]), as_json, false);
}

}  // namespace photon::command
