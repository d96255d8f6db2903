// The commands of forge: a file each, one row each.
#pragma once
#include "devenv/command/command.hpp"
#include "packages/forge/context.hpp"

namespace photon::forge {

using command::Completes;
using command::Example;
using command::Option;
using command::Positional;

using Command = command::Row<Context>;

/// All of them, in the order of `forge help`.
std::span<const Command* const> commands();
const command::Program& program();

// Options that several commands have.
inline constexpr Option packages_option{
    "--packages", "",
    "DIR",        "the folder with specs, imports and macros, instead of this checkout's",
    false,        Completes::folders};
inline constexpr Option arch_option{
    "--arch",        "", "ARCH", "for that processor, instead of this machine's", false, Completes::words,
    "x86_64 aarch64"};
inline constexpr Option jobs_option{"--jobs", "-j", "N", "how many at once, instead of one a processor"};

extern const Command build_command, why_command, graph_command, shell_command, diff_command, lint_command,
    report_command, import_command, publish_command, gc_command, completion_command, version_command,
    help_command;

}  // namespace photon::forge
