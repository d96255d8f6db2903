// The commands of imager: a file each, one row each.
#pragma once
#include "devenv/command/command.hpp"
#include "images/imager/context.hpp"

namespace photon::images {

using command::Completes;
using command::Example;
using command::Option;
using command::Positional;

using Command = command::Row<Context>;

/// All of them, in the order of `imager help`.
std::span<const Command* const> commands();
const command::Program& program();

// Options that several commands have.
inline constexpr Option definitions_option{
    "--definitions",   "", "DIR", "the folder with NAME.toml, instead of this checkout's", false,
    Completes::folders};
inline constexpr Option arch_option{
    "--arch",        "", "ARCH", "for that processor, instead of this machine's", false, Completes::words,
    "x86_64 aarch64"};
inline constexpr Option output_option{"--output",        "-o", "DIR", "instead of build/images/ARCH", false,
                                      Completes::folders};

extern const Command build_command, list_command, show_command, run_command, completion_command,
    version_command, help_command;

}  // namespace photon::images
