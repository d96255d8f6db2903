#include "devenv/cli/run.hpp"

#include <poll.h>

#include "devenv/cli/context.hpp"
#include "devenv/cli/help.hpp"

namespace photon::cli {
namespace {

int report(const Error& error, bool json, bool verbose, int own_fault) {
  if (json) (void)write_all(1, write_json_pretty(json::object{{"error", to_json(error)}}));
  (void)write_all(2, render("devenv", error, look_at(2), verbose));
  return own_fault ? own_fault : exit_status(error.kind);
}

bool reader_has_gone() {
  pollfd output{1, 0, 0};
  return ::poll(&output, 1, 0) == 1 && (output.revents & (POLLERR | POLLHUP)) != 0;
}

bool has_word(const std::vector<std::string>& words, std::string_view word) {
  return std::find(words.begin(), std::find(words.begin(), words.end(), "--"), word) !=
         std::find(words.begin(), words.end(), "--");
}

/// `devenv --json ls` means `devenv ls --json`: what every command takes may stand before it.
void move_common_options(std::vector<std::string>& words) {
  auto common = [](const std::string& word) { return word == "--json" || word == "--verbose"; };
  auto first = std::find_if_not(words.begin(), words.end(), common);
  if (first == words.begin() || first == words.end()) return;
  std::vector<std::string> front(words.begin(), first);
  words.erase(words.begin(), first);
  std::size_t used = 1;
  (void)find_command(words, used);
  words.insert(words.begin() + static_cast<std::ptrdiff_t>(std::max<std::size_t>(1, used)), front.begin(),
               front.end());
}

int run_command(const Command& command, std::vector<std::string> words) {
  auto parsed = parse(command, words);
  if (!parsed) {
    return report(parsed.error(), has_word(words, "--json"), false, command.own_fault);
  }
  if (parsed->flag("--help")) return write_all(1, help_of(command)) ? 0 : 1;
  Context context(command, std::move(*parsed));
  auto status = command.run(context);
  if (status) return *status;
  // Whoever read our output has had enough: no story about that.
  if (reader_has_gone() && status.error().message.ends_with("Broken pipe")) return 0;
  if (status.error().code == "environment.unknown") name_nearest(context, status.error());
  return report(status.error(), context.json(), context.verbose(), command.own_fault);
}

}  // namespace

int run(std::vector<std::string> words) {
  if (words.empty()) {
    (void)write_all(2, help_of_all());
    return exit_status(Kind::usage);
  }
  move_common_options(words);
  if (words[0] == "--help" || words[0] == "-h") words[0] = "help";
  if (words[0] == "--version") words[0] = "version";
  std::size_t used = 0;
  if (const auto* command = find_command(words, used))
    return run_command(*command, {words.begin() + static_cast<std::ptrdiff_t>(used), words.end()});
  if (auto group = help_of_group(words[0]); !group.empty()) {
    bool asked = has_word(words, "--help") || has_word(words, "-h");
    (void)write_all(asked ? 1 : 2, group);
    return asked ? 0 : 2;
  }
  return report(unknown_command(words[0]), has_word(words, "--json"), false, 0);
}

}  // namespace photon::cli
