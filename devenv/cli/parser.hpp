// The command line, by the command's own row.
#pragma once
#include "devenv/cli/command.hpp"
#include "devenv/command/parser.hpp"

namespace photon::cli {

using command::Arguments;
Result<Arguments> parse(const Command& command, std::vector<std::string> words);

}  // namespace photon::cli
