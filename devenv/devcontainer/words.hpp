// A command line as yargs takes it apart: which options exist is given, what they mean is the caller's.
#pragma once
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "devenv/core/error.hpp"

namespace photon::devcontainer {

enum class Takes { text, flag, number, choice };

struct Option {
  std::string_view name;
  Takes takes;
  std::string_view help;
  std::span<const std::string_view> choices{};
  bool hidden = false;
  char letter = 0;  ///< -x
  bool required = false;
  bool many = false;  ///< a text that may come several times
};

/// A word without a name: `<name>` in the usage.
struct Positional {
  std::string_view name;
  std::string_view help;
  std::span<const std::string_view> choices{};
};

struct Words {
  std::map<std::string, std::vector<std::string>, std::less<>> texts;  ///< in their order; a number as text
  std::map<std::string, bool, std::less<>> flags;                      ///< the last one counts
  std::vector<std::string> positionals;                                ///< at most as many as were asked for
  std::vector<std::string> unknown;  ///< options that are none, and words that belong to nothing
};

/// `--x=y`, `--x y`, `-x y`; a text whose value is missing is "", a flag takes a following `true` or `false`.
Words take_apart(const std::vector<std::string>& words, std::span<const Option> options,
                 std::size_t positionals = 0);
/// The same up to the first word that is none of an option, which begins another command line: that and all
/// behind it are the positionals, as they stand.
Words take_front(const std::vector<std::string>& words, std::span<const Option> options);

/// The first fault: words that are missing or unknown, then values that are no choice.
Result<void> check(const Words& words, std::span<const Option> options,
                   std::span<const Positional> positionals = {});

/// A text that was given more than once is a list, which the reference's code trips over: an error.
Result<std::optional<std::string>> one_text(const Words& words, std::string_view name);
bool flag_of(const Words& words, std::string_view name, bool otherwise);

}  // namespace photon::devcontainer
