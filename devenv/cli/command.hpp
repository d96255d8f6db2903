// A command as data: its words, options and examples. The parser, --help, the completions and the test of the
// manual pages all read the same rows.
#pragma once
#include "devenv/command/command.hpp"

namespace photon::cli {

class Context;

using command::Completes;
using command::Example;
using command::Option;
using command::Positional;

struct Command {
  std::string_view name;     ///< "up", "image import"
  std::string_view summary;  ///< one line without full stop
  std::span<const Option> options;
  std::span<const Positional> positionals;
  std::span<const Example> examples;
  Result<int> (*run)(Context&);
  /// Words after the first positional (or after --) belong to somebody else's program and are not parsed.
  std::string_view rest = {};
  bool hidden = false;
  int own_fault =
      0;  ///< exit status of our own faults where the inner program's status is handed on; 0: by kind
};

/// All of them, in the order of `devenv help`.
std::span<const Command* const> commands();
/// Options that every command takes.
std::span<const Option> common_options();
/// The table as the parser, the help and the completions read it.
const command::Program& program();
command::Words words_of(const Command& command);
/// The command that the first word or two words name; `used` is how many. nullptr: none.
const Command* find_command(std::span<const std::string> words, std::size_t& used);

}  // namespace photon::cli
