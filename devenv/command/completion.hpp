// Shell completions, made from the table of commands.
#pragma once
#include "devenv/command/command.hpp"

namespace photon::command {

/// "bash", "zsh", else fish.
std::string completion(const Program& program, std::string_view shell);
std::string bash_completion(const Program& program);
std::string zsh_completion(const Program& program);
std::string fish_completion(const Program& program);

}  // namespace photon::command
