#include "devenv/devcontainer/face.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>

#include "devenv/core/fd.hpp"
#include "devenv/core/name.hpp"
#include "devenv/core/paths.hpp"
#include "devenv/core/terminal.hpp"
#include "devenv/devcontainer/container_commands.hpp"
#include "devenv/devcontainer/features_test.hpp"
#include "devenv/devcontainer/machine.hpp"

namespace photon::devcontainer {
namespace {

struct Command {
  std::string_view name;
  std::string_view help;
  /// Without one it is read-configuration's, or of devenv-packages.
  int (*run)(const std::vector<std::string>& words) = nullptr;
};
constexpr std::array<Command, 10> commands{
    {{"up", "Create and run dev container", up},
     {"set-up", "Set up an existing container as a dev container", set_up},
     {"build", "Build a dev container image", build},
     {"run-user-commands", "Run user commands", run_user_commands},
     {"read-configuration", "Read configuration"},
     {"exec", "Execute a command on a running dev container", exec},
     {"outdated", "Show current and available versions"},
     {"upgrade", "Upgrade lockfile"},
     {"features", "Features commands"},
     {"templates", "Templates commands"}}};

constexpr std::string_view other_program = "devenv-packages";
constexpr std::string_view take_over = "reference.take-over";

std::string help() {
  std::string text =
      fmt::format("devcontainer <command>, as the reference CLI {} has it\n\nCommands:\n", follows);
  for (const auto& command : commands)
    text += fmt::format("  devcontainer {:22}{}\n", command.name, command.help);
  return text + "\nOptions:\n  --help     Show help\n  --version  Show version number\n";
}

/// This process becomes the other program, with the same words.
int hand_over(const std::vector<std::string>& words) {
  auto program = sibling_program(other_program);
  if (!program) {
    (void)write_all(
        2, fmt::format("devcontainer: {}\n  {}\n", harmless(program.error().message), program.error().hint));
    return program_missing;
  }
  std::string name = "devcontainer";
  std::vector<std::string> copy = words;
  std::vector<char*> arguments{name.data()};
  for (auto& word : copy) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  ::execv(program->c_str(), arguments.data());
  auto failed = fail_errno("start " + *program, errno);
  (void)write_all(2, fmt::format("devcontainer: {}\n", failed.value().message));
  return 1;
}

int wrong_read_words(std::string_view message) {
  (void)write_all(2, help_of_read_configuration() + "\n");
  for (std::size_t at = 0; at < message.size();) {
    auto end = std::min(message.find('\n', at), message.size());
    (void)write_all(2, harmless(message.substr(at, end - at)) + "\n");
    at = end + 1;
  }
  return 1;
}

int read_configuration(const std::vector<std::string>& words, const std::vector<std::string>& all,
                       const Network* network) {
  auto invocation = parse_read_configuration(words);
  if (!invocation) return wrong_read_words(invocation.error().message);
  if (invocation->help) return write_all(1, help_of_read_configuration()) ? 0 : 1;
  if (invocation->version) return write_all(1, fmt::format("{}\n", follows)) ? 0 : 1;
  invocation->log.terminal = ::isatty(1) == 1;
  Log log(invocation->log, log_header());
  auto world = this_machine(invocation->docker_path, log);
  if (!world) return fault(log, world.error());
  if (network) {
    auto connected = network->connect(invocation->auth, log);
    if (!connected) return fault(log, connected.error());
    world->packages = std::move(*connected);
  } else {
    world->packages = no_packages();
    log.hold();  // the other program would say all of it once more
  }
  auto answer = spec::reference::read_configuration(invocation->read, *world);
  if (!answer && answer.error().code == take_over) return hand_over(all);
  log.show();
  if (!answer) return fault(log, answer.error());
  auto written = write_all(1, spec::reference::write(*answer) + "\n");
  return written ? 0 : fault(log, written.error());
}

}  // namespace

spec::reference::Packages no_packages() {
  using spec::reference::PackageName;
  auto elsewhere = [] {
    return fail(Kind::unavailable, std::string(take_over), "registries are asked by another program");
  };
  spec::reference::Packages packages;
  packages.manifest = [=](const PackageName&,
                          const std::string&) -> Result<std::optional<spec::reference::PackageManifest>> {
    return elsewhere();
  };
  packages.tags = [](const PackageName&) { return std::nullopt; };
  packages.layer = [=](const PackageName&, const std::string&) -> Result<spec::reference::PackageContent> {
    return elsewhere();
  };
  packages.archive = [=](const std::string&) -> Result<spec::reference::PackageContent> {
    return elsewhere();
  };
  packages.diagnostics = [] { return spec::reference::no_login_findings(); };
  return packages;
}

void tell_without_effect(const std::vector<std::string>& options, Log& log) {
  if (options.empty()) return;
  log.write(LogLevel::warning, fmt::format("without effect here: --{}", fmt::join(options, ", --")));
}

std::string log_header() {
  return fmt::format("devenv {} as devcontainer {}. {}.", PHOTON_VERSION, follows, system_words());
}

int fault(Log& log, const Error& error) {
  log.write(LogLevel::error, error.hint.empty() ? sentence(error) : sentence(error) + "\n  " + error.hint);
  return 1;
}

int wrong_words(const std::string& help_text, std::string_view message) {
  (void)write_all(2, fmt::format("{}\n{}\n", help_text, harmless(message)));
  return 1;
}

int run(const std::vector<std::string>& words, const Network* network) {
  auto first =
      std::find_if(words.begin(), words.end(), [](const auto& word) { return !word.starts_with('-'); });
  auto has = [&](std::string_view word) { return std::find(words.begin(), first, word) != first; };
  if (has("--version")) return write_all(1, fmt::format("{}\n", follows)) ? 0 : 1;
  if (has("--help")) return write_all(1, help()) ? 0 : 1;
  if (first == words.end())
    return wrong_words(help(), "Not enough non-option arguments: got 0, need at least 1");
  auto command =
      std::find_if(commands.begin(), commands.end(), [&](const auto& one) { return one.name == *first; });
  if (command == commands.end()) {
    std::vector<std::string_view> names;
    for (const auto& one : commands) names.push_back(one.name);
    auto near = nearest(*first, names);
    return wrong_words(help(), fmt::format("Unknown argument: {}{}", *first,
                                           near.empty() ? "" : fmt::format(" (did you mean {}?)", near)));
  }
  std::vector<std::string> rest(words.begin(), first);
  rest.insert(rest.end(), std::next(first), words.end());
  if (command->run) return command->run(rest);
  if (command->name == "read-configuration") return read_configuration(rest, words, network);
  if (*first == "features" && std::next(first) != words.end() && *std::next(first) == "test") {
    std::erase(rest, "test");
    return features_test(rest);
  }
  if (!network) return hand_over(words);
  rest.insert(rest.begin(), *first);
  return network->command(rest);
}

}  // namespace photon::devcontainer
