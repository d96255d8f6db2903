// What rpmbuild says, for people: where it went wrong, and what it is doing now.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace photon::forge {

struct FirstError {
  unsigned line = 0;  ///< from 1; 0: no line looks like one
  std::string text{};
};
/// The line that a person would look for: a compiler's or a tool's own error before make's and rpm's sums.
FirstError first_error(std::string_view log);

/// "prep", "build", "install", "check", … of the last "Executing(%…)" line, or what was before.
std::string phase_of(std::string_view log, std::string before);

}  // namespace photon::forge
