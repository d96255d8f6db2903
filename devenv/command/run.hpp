// From words to an exit status, the same way for every program with a table of commands.
#pragma once
#include <functional>

#include "devenv/command/parser.hpp"

namespace photon::command {

/// Does what the command of that index in the table says.
using Act = std::function<Result<int>(std::size_t command, Arguments arguments)>;

/// Finds the command, reads its words, shows its help, and tells an error once, as JSON, too, where that is
/// asked for. `--json` and `--verbose` may stand before the command. A program whose only command has no name
/// is that command; its option --completion, if it has one, prints the script for a shell.
int run_program(const Program& program, std::vector<std::string> words, const Act& act);

}  // namespace photon::command
