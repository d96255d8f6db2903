// The command line of photon-first-boot.
#pragma once
#include <string>
#include <vector>

#include "devenv/command/command.hpp"

namespace photon::first_boot {

const command::Program& program();
/// The exit status.
int run(std::vector<std::string> words);

}  // namespace photon::first_boot
