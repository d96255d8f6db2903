// --help and the list of commands, from the table.
#pragma once
#include "devenv/command/command.hpp"

namespace photon::command {

/// "devenv exec [OPTION…] [NAME] [--] COMMAND"
std::string synopsis(const Program& program, const Words& command);
std::string help_of(const Program& program, const Words& command);
std::string help_of_all(const Program& program);
/// Of one noun ("image"): its verbs; empty if there is none.
std::string help_of_group(const Program& program, std::string_view noun);
/// What a command `help` answers: all of them, the one that the words name, or the table as JSON.
Result<std::string> answer_help(const Program& program, std::span<const std::string> words, bool as_json);
/// "-n, --name NAME"
std::string option_words(const Option& option);
/// The error for a word that names no command, with the nearest.
Error unknown_command(const Program& program, std::string_view word);

}  // namespace photon::command
