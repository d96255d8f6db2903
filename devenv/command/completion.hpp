// Shell completions, made from the table of commands.
#pragma once
#include "devenv/command/command.hpp"

namespace photon::command {

std::string bash_completion(const Program& program);
std::string zsh_completion(const Program& program);
std::string fish_completion(const Program& program);

}  // namespace photon::command
