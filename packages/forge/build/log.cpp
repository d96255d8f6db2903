#include "packages/forge/build/log.hpp"

#include <algorithm>
#include <array>

namespace photon::forge {
namespace {

// The first group that has a line wins, for what comes later in a log is mostly an echo.
// The last five are the words of %photon_check_elf in packages/macros.
constexpr std::array<std::string_view, 14> own_words{": error: ",
                                                     ": fatal error: ",
                                                     "undefined reference to",
                                                     "CMake Error",
                                                     "ERROR: ",
                                                     "configure: error:",
                                                     "Traceback (most recent call last)",
                                                     ": command not found",
                                                     "No space left on device",
                                                     "not position-independent: ",
                                                     "no RELRO: ",
                                                     "bound lazily: ",
                                                     "executable stack: ",
                                                     "run path: "};
constexpr std::array<std::string_view, 7> sums{
    "*** [", "FAILED", "not ok ", "Error: ", "rror:", "No such file or directory", "ermission denied"};

/// rpm's last words are about a script's status, not about why.
bool is_an_echo(std::string_view line) {
  return line.find("Bad exit status from") != std::string_view::npos ||
         line.starts_with("RPM build errors") || line.starts_with("+ ");
}

template <std::size_t N>
FirstError find(std::string_view log, const std::array<std::string_view, N>& words) {
  unsigned number = 0;
  for (std::size_t at = 0; at < log.size();) {
    auto end = std::min(log.find('\n', at), log.size());
    auto line = log.substr(at, end - at);
    at = end + 1;
    ++number;
    if (is_an_echo(line)) continue;
    if (std::any_of(words.begin(), words.end(),
                    [&](auto word) { return line.find(word) != std::string_view::npos; })) {
      auto begin = std::min(line.find_first_not_of(" \t"), line.size());
      return {number, std::string(line.substr(begin, 300))};
    }
  }
  return {};
}

}  // namespace

FirstError first_error(std::string_view log) {
  auto found = find(log, own_words);
  if (found.line == 0) found = find(log, sums);
  if (found.line > 0) return found;
  // Nothing speaks of an error: then the last line before rpm's own is the nearest thing to one.
  unsigned number = 0;
  for (std::size_t at = 0; at < log.size();) {
    auto end = std::min(log.find('\n', at), log.size());
    auto line = log.substr(at, end - at);
    at = end + 1;
    ++number;
    if (line.find("Bad exit status from") != std::string_view::npos) break;
    if (line.find_first_not_of(" \t") != std::string_view::npos && !line.starts_with("RPM build errors"))
      found = {number, std::string(line.substr(0, 300))};
  }
  return found;
}

std::string phase_of(std::string_view log, std::string before) {
  constexpr std::string_view mark = "Executing(%";
  auto at = log.rfind(mark);
  if (at == std::string_view::npos) return before;
  auto begin = at + mark.size(), end = log.find(')', begin);
  if (end == std::string_view::npos || end - begin > 40) return before;
  return std::string(log.substr(begin, end - begin));
}

}  // namespace photon::forge
