#include "devenv/spec/reference/versions.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace photon::spec::reference {
namespace {

constexpr std::size_t longest = 256;
constexpr std::uint64_t largest = 9007199254740991;  // what JavaScript can count exactly

bool digit(char c) { return c >= '0' && c <= '9'; }
bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), digit);
}

bool word(char c) { return digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-'; }

std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t number = 0;
  if (!all_digits(text) || (text.size() > 1 && text[0] == '0')) return std::nullopt;
  auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc() || number > largest) return std::nullopt;
  return number;
}

std::vector<std::string> cut(std::string_view text) {
  std::vector<std::string> parts;
  for (std::size_t at = 0;;) {
    auto dot = text.find('.', at);
    parts.emplace_back(text.substr(at, dot - at));
    if (dot == text.npos) return parts;
    at = dot + 1;
  }
}

/// Parts of words; a number without a zero in front if they come before a release.
bool are_words(const std::vector<std::string>& parts, bool strict_numbers) {
  return std::all_of(parts.begin(), parts.end(), [&](const auto& part) {
    return !part.empty() && std::all_of(part.begin(), part.end(), word) &&
           (!strict_numbers || !all_digits(part) || part.size() == 1 || part[0] != '0');
  });
}

/// Takes "+build" and "-rc.1" off the end.
bool take_suffixes(std::string_view& text, std::vector<std::string>& before) {
  if (auto plus = text.find('+'); plus != text.npos) {
    if (!are_words(cut(text.substr(plus + 1)), false)) return false;
    text = text.substr(0, plus);
  }
  if (auto dash = text.find('-'); dash != text.npos) {
    before = cut(text.substr(dash + 1));
    if (!are_words(before, true)) return false;
    text = text.substr(0, dash);
  }
  return true;
}

int compare_parts(const std::string& a, const std::string& b) {
  bool left = all_digits(a), right = all_digits(b);
  if (left != right) return left ? -1 : 1;
  if (left && a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

struct Range {
  std::array<std::optional<std::uint64_t>, 3> numbers{};  ///< none: any
  std::vector<std::string> before{};
};

/// [v=] N.N.N-before, of which each N may be missing or x, X or *.
std::optional<Range> parse_range(std::string_view text) {
  Range range;
  while (!text.empty() && (text[0] == 'v' || text[0] == '=')) text.remove_prefix(1);
  if (!take_suffixes(text, range.before)) return std::nullopt;
  if (text.empty()) return range.before.empty() ? std::optional(range) : std::nullopt;
  auto parts = cut(text);
  if (parts.size() > 3 || (parts.size() < 3 && !range.before.empty())) return std::nullopt;
  bool any = false;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i] == "x" || parts[i] == "X" || parts[i] == "*") {
      any = true;
      continue;
    }
    auto number = number_of(parts[i]);
    if (!number) return std::nullopt;
    // Behind an x nothing counts.
    if (!any) range.numbers[i] = number;
  }
  return range;
}

}  // namespace

std::optional<Version> parse_version(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n\v\f";
  auto begin = text.find_first_not_of(blanks);
  if (begin == text.npos || text.size() > longest) return std::nullopt;
  text = text.substr(begin, text.find_last_not_of(blanks) + 1 - begin);
  if (text.starts_with('v')) text.remove_prefix(1);
  Version version;
  if (!take_suffixes(text, version.before)) return std::nullopt;
  auto parts = cut(text);
  if (parts.size() != 3) return std::nullopt;
  auto major = number_of(parts[0]), minor = number_of(parts[1]), patch = number_of(parts[2]);
  if (!major || !minor || !patch) return std::nullopt;
  version.major = *major;
  version.minor = *minor;
  version.patch = *patch;
  return version;
}

int compare_versions(const Version& a, const Version& b) {
  std::array<std::uint64_t, 3> left{a.major, a.minor, a.patch}, right{b.major, b.minor, b.patch};
  if (left != right) return left < right ? -1 : 1;
  if (a.before.empty() != b.before.empty()) return a.before.empty() ? 1 : -1;
  for (std::size_t i = 0; i < std::min(a.before.size(), b.before.size()); ++i)
    if (int order = compare_parts(a.before[i], b.before[i]); order != 0) return order;
  if (a.before.size() == b.before.size()) return 0;
  return a.before.size() < b.before.size() ? -1 : 1;
}

bool is_of(const Version& version, std::string_view text) {
  auto range = parse_range(text);
  if (!range) return false;
  std::array<std::uint64_t, 3> numbers{version.major, version.minor, version.patch};
  bool whole = range->numbers[2].has_value();
  for (std::size_t i = 0; i < numbers.size(); ++i)
    if (range->numbers[i] && *range->numbers[i] != numbers[i]) return false;
  if (!whole) return version.before.empty();
  return compare_versions(version, {numbers[0], numbers[1], numbers[2], range->before}) == 0;
}

}  // namespace photon::spec::reference
