// A command as data: its words, options and examples. The parser, --help, the completions and the test of the
// manual pages all read the same rows.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "devenv/core/error.hpp"

namespace photon::cli {

class Context;

/// What the shell completes for a word.
enum class Completes { nothing, environments, folders, files, words, images };

struct Option {
  std::string_view name;    ///< "--name"
  std::string_view letter;  ///< "-n", or empty
  std::string_view value;   ///< "NAME"; empty: a flag
  std::string_view help;
  bool repeats = false;
  Completes completes = Completes::nothing;
  std::string_view words = {};  ///< "code jetbrains": what Completes::words offers, and all that is taken
};

struct Positional {
  std::string_view name;
  std::string_view help;
  bool required = false;
  Completes completes = Completes::nothing;
  std::string_view words = {};
};

struct Example {
  std::string_view line;
  std::string_view says;
};

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
/// The command that the first word or two words name; `used` is how many. nullptr: none.
const Command* find_command(std::span<const std::string> words, std::size_t& used);

}  // namespace photon::cli
