// What read-configuration asks of the machine: files, the environment, git, the engine.
#pragma once
#include "devenv/devcontainer/log.hpp"
#include "devenv/spec/reference/read.hpp"

namespace photon::devcontainer {

/// `log` outlives it.
Result<spec::reference::World> this_machine(const std::optional<std::string>& docker_path, Log& log);

/// "linux 6.1.0-18-amd64 x64", as Node says it.
std::string system_words();

}  // namespace photon::devcontainer
