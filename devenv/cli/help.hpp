// --help and the list of commands, from the table.
#pragma once
#include "devenv/cli/command.hpp"
#include "devenv/command/help.hpp"

namespace photon::cli {

/// "devenv exec [OPTION…] [NAME] [--] COMMAND"
std::string synopsis(const Command& command);
std::string help_of(const Command& command);
std::string help_of_all();
/// Of one noun ("image"): its verbs; empty if there is none.
std::string help_of_group(std::string_view noun);
using command::option_words;
/// The error for a word that names no command, with the nearest.
Error unknown_command(std::string_view word);

}  // namespace photon::cli
