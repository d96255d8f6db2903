// What a .dockerignore leaves out, by Docker's own rules: the last pattern that matches a path, or a folder
// above it, decides.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "devenv/core/error.hpp"

namespace photon::build {

/// One pattern, made ready. It never takes longer than its length times that of a path.
class Pattern {
 public:
  /// Kind usage: a set without its bracket.
  static Result<Pattern> parse(std::string_view text);
  [[nodiscard]] bool matches(std::string_view path) const;

 private:
  struct Part {
    enum class Kind { one, any, some, folders, all, set } kind = Kind::one;
    char letter = 0;                             ///< one
    bool negated = false;                        ///< set
    std::vector<std::pair<char, char>> range{};  ///< set: first to last
  };
  static Result<Part> parse_set(std::string_view text, std::size_t& at);
  [[nodiscard]] static bool fits(const Part& part, char c);
  std::vector<Part> parts_;
  std::string prefix_;  ///< the letters in front of the first other part
};

class Ignore {
 public:
  /// At most 64 KiB and 2000 patterns; errors name the line.
  static Result<Ignore> parse(std::string_view text, const std::string& file);

  /// Which patterns match a path or something above it: what a folder hands to what is in it.
  using Matched = std::vector<bool>;
  /// Fills `matched` of a path below the folder that has `above` (empty: the top). True: it is left out.
  bool leaves_out(std::string_view path, const Matched& above, Matched& matched) const;
  /// Something below a folder that is left out may still be wanted.
  [[nodiscard]] bool has_exceptions() const { return exceptions_; }

 private:
  struct Line {
    Pattern pattern;
    bool exception = false;
  };
  std::vector<Line> lines_;
  bool exceptions_ = false;
};

}  // namespace photon::build
