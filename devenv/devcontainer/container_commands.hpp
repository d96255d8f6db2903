// up, exec, run-user-commands, build, set-up: words in, exit status out. The daemon does the work.
#pragma once
#include "devenv/devcontainer/target.hpp"

namespace photon::devcontainer {

int up(const std::vector<std::string>& words);
int exec(const std::vector<std::string>& words);
int run_user_commands(const std::vector<std::string>& words);
int build(const std::vector<std::string>& words);
int set_up(const std::vector<std::string>& words);

/// What all of them do first. nullopt: go on; else that is the exit status.
std::optional<int> take_words(ContainerCommand command, const std::vector<std::string>& words,
                              ContainerOptions& options);

/// The parts of a request that come from options alone. An error: a file of secrets that cannot be read.
Result<wire::Up> begin_request(const ContainerOptions& options, const spec::reference::World& world);

/// All of it, for the environment of a folder.
Result<wire::Up> up_request(const ContainerOptions& options, const Target& target,
                            const spec::reference::World& world);

/// A command in an environment, on our own descriptors; its exit status, 126 if it cannot be started. Of
/// `env` (NAME=VALUE) counts what the configuration does not set.
Result<int> run_inside(client::Client& daemon, const std::string& environment,
                       std::vector<std::string> command, const std::vector<std::string>& env, Log& log);

/// Follows it to its end in the log. Ctrl-C cancels it.
Result<wire::Operation> follow(client::Client& daemon, const wire::Operation& operation, Log& log);
Result<wire::Environment> bring_up(client::Client& daemon, const wire::Up& request, Log& log);

/// The one that a command may name: devcontainer.json or .devcontainer.json.
Result<void> check_name(const std::optional<std::string>& config, const spec::reference::World& world);

/// {"outcome":"error",…} on standard output, why on standard error; the exit status. `otherwise` describes
/// what is no lifecycle command's fault.
int end_with(const Error& error, std::string_view otherwise, const std::string& container, Log& log);

}  // namespace photon::devcontainer
