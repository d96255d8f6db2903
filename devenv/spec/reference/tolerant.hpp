// The reference's reader of JSON with comments: it goes on after every fault. Value and what was wrong.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "devenv/spec/reference/value.hpp"

namespace photon::spec::reference {

/// Something that JSON with comments does not allow, and that was left out or guessed.
struct Diagnostic {
  std::string message;
  unsigned line = 0;
  unsigned column = 0;  ///< of the character, from 1
  bool operator==(const Diagnostic&) const = default;
};

struct Parsed {
  Value value;  ///< undefined: there was none
  std::vector<Diagnostic> diagnostics;
  bool relaxed = false;  ///< there were comments or trailing commas
};

/// Any bytes (`decoded` first, if they are of a file). Deeper than 500 levels is an error, and nothing else.
Result<Parsed> parse_tolerant(std::string_view text);

/// JSON.parse: what is not JSON to the letter is an error.
Result<Value> parse_strict(std::string_view text);

}  // namespace photon::spec::reference
