// Commands of a program as data: their words, options and examples. The parser, --help, the completions and
// the test of the manual pages all read the same rows.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "devenv/core/error.hpp"

namespace photon::command {

/// What the shell completes for a word. The program says which command lists its own things (`Lister`).
enum class Completes { nothing, environments, folders, files, words, images, packages, prebuilds };

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
  bool repeats = false;  ///< the last one: any number of words
};

struct Example {
  std::string_view line;
  std::string_view says;
};

/// A command but for what it does, which is the program's own business.
struct Words {
  std::string_view name;     ///< "up", "image import"
  std::string_view summary;  ///< one line without full stop
  std::span<const Option> options;
  std::span<const Positional> positionals;
  std::span<const Example> examples;
  std::string_view rest = {};  ///< words of somebody else's program
  bool hidden = false;
};

/// A row of a program's table, with what it does. `Context` is the program's own.
template <class Context>
struct Row {
  std::string_view name, summary;
  std::span<const Option> options;
  std::span<const Positional> positionals;
  std::span<const Example> examples;
  Result<int> (*run)(Context&);
  [[nodiscard]] Words words() const {
    return {.name = name,
            .summary = summary,
            .options = options,
            .positionals = positionals,
            .examples = examples};
  }
};

/// What every command of a program takes.
inline constexpr Option common_options[] = {{"--json", "", "", "the answer as JSON on standard output"},
                                            {"--verbose", "", "", "show an error with its trace"},
                                            {"--help", "-h", "", "show this help"}};

/// A shell command that prints, a line each, what a kind of word may be.
struct Lister {
  Completes what;
  std::string_view name;  ///< for a shell function: "environments"
  std::string_view line;  ///< "devenv ls --quiet 2>/dev/null"
  bool colons = false;    ///< the words may have colons, at which bash splits
};

struct Program {
  std::string_view name;           ///< "devenv"
  std::span<const Option> common;  ///< options that every command takes
  std::vector<Words> commands;     ///< in the order of help
  std::span<const Lister> listers;
};

/// The index of the command that the first word or two words name; `used` is how many. nullopt: none.
std::optional<std::size_t> find_command(const Program& program, std::span<const std::string> words,
                                        std::size_t& used);

}  // namespace photon::command
