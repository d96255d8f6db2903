#include "devenv/build/ignore.hpp"

#include <algorithm>

#include "devenv/core/name.hpp"
#include "devenv/core/text.hpp"

namespace photon::build {
namespace {

constexpr std::size_t most_bytes = 64 << 10;
constexpr std::size_t most_patterns = 2000;
constexpr std::size_t most_letters = 1000;

/// As Go's filepath.Clean, and without the slash in front: "/a/./b//../c/" is "a/c".
std::string clean(std::string_view text) {
  std::vector<std::string_view> kept;
  bool rooted = text.starts_with('/');
  while (!text.empty()) {
    auto part = text.substr(0, text.find('/'));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    if (part.empty() || part == ".") continue;
    if (part != "..")
      kept.push_back(part);
    else if (!kept.empty() && kept.back() != "..")
      kept.pop_back();
    else if (!rooted)
      kept.push_back(part);
  }
  std::string whole;
  for (auto part : kept) whole.append(whole.empty() ? "" : "/").append(part);
  return whole;
}

}  // namespace

/// [a-z], [^a-z], with \ before a letter that means itself.
Result<Pattern::Part> Pattern::parse_set(std::string_view text, std::size_t& at) {
  Part part;
  part.kind = Part::Kind::set;
  auto broken = [] {
    return fail(Kind::usage, "build.ignore", "a set has no closing bracket, or nothing in it");
  };
  auto letter = [&]() -> Result<char> {
    if (at < text.size() && text[at] == '\\') ++at;
    if (at >= text.size()) return broken();
    return text[at++];
  };
  part.negated = at < text.size() && text[at] == '^';
  if (part.negated) ++at;
  while (at < text.size() && (text[at] != ']' || part.range.empty())) {
    PHOTON_TRY(char first, letter());
    char last = first;
    if (at + 1 < text.size() && text[at] == '-' && text[at + 1] != ']') {
      ++at;
      PHOTON_TRY(last, letter());
    }
    part.range.emplace_back(first, last);
  }
  if (at++ >= text.size()) return broken();
  return part;
}

Result<Pattern> Pattern::parse(std::string_view text) {
  if (text.size() > most_letters)
    return fail(Kind::usage, "build.ignore", fmt::format("a pattern has more than {} letters", most_letters));
  Pattern pattern;
  auto add = [&](Part::Kind kind, char letter = 0) { pattern.parts_.push_back({kind, letter}); };
  for (std::size_t at = 0; at < text.size();) {
    char c = text[at++];
    if (c == '*' && at < text.size() && text[at] == '*') {
      ++at;
      if (at < text.size() && text[at] == '/') ++at;
      add(at == text.size() ? Part::Kind::all : Part::Kind::folders);
    } else if (c == '*') {
      add(Part::Kind::some);
    } else if (c == '?') {
      add(Part::Kind::any);
    } else if (c == '[') {
      PHOTON_TRY(auto part, parse_set(text, at));
      pattern.parts_.push_back(std::move(part));
    } else {
      if (c == '\\' && at < text.size()) c = text[at++];
      add(Part::Kind::one, c);
    }
  }
  for (const auto& part : pattern.parts_) {
    if (part.kind != Part::Kind::one) break;
    pattern.prefix_ += part.letter;
  }
  return pattern;
}

bool Pattern::fits(const Part& part, char c) {
  if (part.kind == Part::Kind::any) return c != '/';
  if (part.kind == Part::Kind::one) return c == part.letter;
  auto byte = static_cast<unsigned char>(c);
  bool in = std::any_of(part.range.begin(), part.range.end(), [byte](const auto& range) {
    return static_cast<unsigned char>(range.first) <= byte &&
           byte <= static_cast<unsigned char>(range.second);
  });
  return in != part.negated;
}

/// All places of the pattern at once, letter by letter: nothing is tried twice.
bool Pattern::matches(std::string_view path) const {
  using enum Part::Kind;
  // Most patterns are plain names, and most paths begin with other letters.
  if (!path.starts_with(prefix_)) return false;
  if (prefix_.size() == parts_.size()) return path.size() == prefix_.size();
  std::vector<char> here(parts_.size() + 1, 0);
  std::vector<char> next(parts_.size() + 1, 0);
  here[0] = 1;
  // What may stand for nothing is passed by.
  auto pass = [&](std::vector<char>& states) {
    for (std::size_t i = 0; i < parts_.size(); ++i)
      if (states[i] == 1 && (parts_[i].kind == some || parts_[i].kind == all || parts_[i].kind == folders))
        states[i + 1] = 1;
  };
  pass(here);
  for (char c : path) {
    std::fill(next.begin(), next.end(), 0);
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      if (here[i] == 0) continue;
      const auto& part = parts_[i];
      if (part.kind == some) {
        if (c != '/') next[i] = 1;
      } else if (part.kind == all) {
        next[i] = 1;
      } else if (part.kind == folders) {
        // 2: within a folder's name; only behind its slash does the pattern go on.
        if (next[i] == 0) next[i] = 2;
        if (c == '/') next[i] = next[i + 1] = 1;
      } else if (fits(part, c)) {
        next[i + 1] = 1;
      }
    }
    pass(next);
    here.swap(next);
  }
  return here[parts_.size()] == 1;
}

Result<Ignore> Ignore::parse(std::string_view text, const std::string& file) {
  if (text.size() > most_bytes)
    return fail(Kind::usage, "build.ignore", fmt::format("{} is larger than {} KiB", file, most_bytes >> 10));
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  Ignore ignore;
  for (unsigned number = 1; !text.empty(); ++number) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.starts_with('#')) continue;
    line = trimmed(line);
    bool exception = line.starts_with('!');
    if (exception) line = trimmed(line.substr(1));
    auto cleaned = clean(line);
    if (exception && line.empty())
      return fail_at({file, number, 1}, Kind::usage, "build.ignore", "an exception names nothing",
                     "a pattern follows the '!'");
    if (cleaned.empty()) continue;
    auto pattern = Pattern::parse(cleaned);
    if (!pattern)
      return fail_at({file, number, 1}, Kind::usage, "build.ignore",
                     fmt::format("{}: {}", shown(line), pattern.error().message));
    if (ignore.lines_.size() == most_patterns)
      return fail_at({file, number, 1}, Kind::usage, "build.ignore",
                     fmt::format("more than {} patterns", most_patterns));
    ignore.exceptions_ = ignore.exceptions_ || exception;
    ignore.lines_.push_back({std::move(*pattern), exception});
  }
  return ignore;
}

bool Ignore::leaves_out(std::string_view path, const Matched& above, Matched& matched) const {
  matched.assign(lines_.size(), false);
  bool out = false;
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    matched[i] = (i < above.size() && above[i]) || lines_[i].pattern.matches(path);
    if (matched[i]) out = !lines_[i].exception;
  }
  return out;
}

}  // namespace photon::build
