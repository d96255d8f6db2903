#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "devenv/command/help.hpp"
#include "devenv/core/process.hpp"
#include "images/imager/commands/commands.hpp"

namespace photon::images {
namespace {

int report(const Error& error, bool as_json, bool verbose) {
  if (as_json) (void)write_all(1, write_json_pretty(json::object{{"error", to_json(error)}}));
  (void)write_all(2, render("imager", error, look_at(2), verbose));
  return exit_status(error.kind);
}

int run(std::vector<std::string> words) {
  if (words.empty()) {
    (void)write_all(2, command::help_of_all(program()));
    return exit_status(Kind::usage);
  }
  bool as_json = std::find(words.begin(), words.end(), "--json") != words.end();
  // `imager --json list` means `imager list --json`.
  auto common = [](const std::string& word) { return word == "--json" || word == "--verbose"; };
  if (auto first = std::find_if_not(words.begin(), words.end(), common); first != words.end())
    std::rotate(words.begin(), first, first + 1);
  if (words[0] == "--help" || words[0] == "-h") words[0] = "help";
  if (words[0] == "--version") words[0] = "version";
  std::size_t used = 0;
  const auto* command = find_command(words, used);
  if (!command) return report(command::unknown_command(program(), words[0]), as_json, false);
  words.erase(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(used));
  auto row = *std::find_if(program().commands.begin(), program().commands.end(),
                           [&](const command::Words& one) { return one.name == command->name; });
  auto parsed = command::parse(program(), row, std::move(words));
  if (!parsed) return report(parsed.error(), as_json, false);
  if (parsed->flag("--help")) return write_all(1, command::help_of(program(), row)) ? 0 : 1;
  Context context(std::move(*parsed));
  auto status = command->run(context);
  return status ? *status : report(status.error(), context.json(), context.verbose());
}

/// An ordinary user makes images as root of a namespace of his own, with his subordinate ids: files get their
/// owners, and he gets no right that he lacks. From here on everything is the same for both.
Result<void> become_root(char** argv) {
  if (::geteuid() == 0 || !argv[1] || std::strcmp(argv[1], "build") != 0) return {};
  auto unshare = find_program("unshare");
  std::error_code error;
  auto self = std::filesystem::read_symlink("/proc/self/exe", error).string();
  if (!unshare || error)
    return fail(Kind::unavailable, "image.namespace", "no user namespace can be made: unshare is missing",
                "install the package util-linux, or run it as root");
  std::vector<std::string> words{*unshare, "--user", "--map-root-user", "--map-auto", "--mount", "--", self};
  std::vector<char*> pointers;
  for (auto& word : words) pointers.push_back(word.data());
  for (auto** word = argv + 1; *word; ++word) pointers.push_back(*word);
  pointers.push_back(nullptr);
  ::execv(pointers[0], pointers.data());
  return fail_errno("run " + *unshare, errno);
}

}  // namespace
}  // namespace photon::images

int main(int argc, char** argv) {
  ::signal(SIGPIPE, SIG_IGN);  // a write fails instead, and says so
  if (auto done = photon::images::become_root(argv); !done)
    return photon::images::report(done.error(), false, false);
  return photon::images::run({argv + 1, argv + argc});
}
