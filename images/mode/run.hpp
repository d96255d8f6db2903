// The command line of photon-mode.
#pragma once
#include <string>
#include <vector>

#include "devenv/command/command.hpp"

namespace photon::mode {

const command::Program& program();
/// The exit status.
int run(std::vector<std::string> words);

}  // namespace photon::mode
