#include "devenv/devcontainer/face.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>

#include "devenv/core/fd.hpp"
#include "devenv/core/name.hpp"
#include "devenv/core/terminal.hpp"
#include "devenv/devcontainer/machine.hpp"
#include "devenv/devcontainer/options.hpp"
#include "devenv/spec/reference/features.hpp"

namespace photon::devcontainer {
namespace {

constexpr std::array<std::string_view, 10> commands{
    "up",   "set-up",   "build",   "run-user-commands", "read-configuration",
    "exec", "outdated", "upgrade", "features",          "templates"};

std::string help() {
  std::string text =
      fmt::format("devcontainer <command>, as the reference CLI {} has it\n\nCommands:\n", follows);
  for (auto command : commands)
    text += fmt::format("  devcontainer {:22}{}\n", command,
                        command == "read-configuration" ? "Read configuration" : "not there yet");
  return text + "\nOptions:\n  --help     Show help\n  --version  Show version number\n";
}

int wrong_words(const std::string& help_text, std::string_view message) {
  (void)write_all(2, fmt::format("{}\n{}\n", help_text, harmless(message)));
  return 1;
}

int fault(Log& log, const Error& error) {
  log.write(LogLevel::error, error.hint.empty() ? sentence(error) : sentence(error) + "\n  " + error.hint);
  return error.code == spec::reference::not_yet ? not_there_yet : 1;
}

int read_configuration(const std::vector<std::string>& words) {
  auto invocation = parse_read_configuration(words);
  if (!invocation) {
    std::string message = invocation.error().message;
    (void)write_all(2, help_of_read_configuration() + "\n");
    for (std::size_t at = 0; at < message.size();) {
      auto end = std::min(message.find('\n', at), message.size());
      (void)write_all(2, harmless(std::string_view(message).substr(at, end - at)) + "\n");
      at = end + 1;
    }
    return 1;
  }
  if (invocation->help) return write_all(1, help_of_read_configuration()) ? 0 : 1;
  if (invocation->version) return write_all(1, fmt::format("{}\n", follows)) ? 0 : 1;
  invocation->log.terminal = ::isatty(1) == 1;
  Log log(invocation->log,
          fmt::format("devenv {} as devcontainer {}. {}.", PHOTON_VERSION, follows, system_words()));
  auto world = this_machine(invocation->docker_path, log);
  if (!world) return fault(log, world.error());
  auto answer = spec::reference::read_configuration(invocation->read, *world);
  if (!answer) return fault(log, answer.error());
  auto written = write_all(1, spec::reference::write(*answer) + "\n");
  return written ? 0 : fault(log, written.error());
}

}  // namespace

int run(std::vector<std::string> words) {
  auto command =
      std::find_if(words.begin(), words.end(), [](const auto& word) { return !word.starts_with('-'); });
  auto has = [&](std::string_view word) { return std::find(words.begin(), command, word) != command; };
  if (has("--version")) return write_all(1, fmt::format("{}\n", follows)) ? 0 : 1;
  if (has("--help")) return write_all(1, help()) ? 0 : 1;
  if (command == words.end())
    return wrong_words(help(), "Not enough non-option arguments: got 0, need at least 1");
  auto name = *command;
  words.erase(command);
  if (name == "read-configuration") return read_configuration(words);
  if (std::find(commands.begin(), commands.end(), name) == commands.end()) {
    auto near = nearest(name, commands);
    return wrong_words(help(), fmt::format("Unknown argument: {}{}", name,
                                           near.empty() ? "" : fmt::format(" (did you mean {}?)", near)));
  }
  (void)write_all(2,
                  fmt::format("devcontainer: {} is not there yet; read-configuration is, and devenv up makes "
                              "environments\n",
                              name));
  return not_there_yet;
}

}  // namespace photon::devcontainer
