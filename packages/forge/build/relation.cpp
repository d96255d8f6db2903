#include "packages/forge/build/relation.hpp"
#include "devenv/core/text.hpp"

#include <algorithm>

#include "packages/rpm/package.hpp"

namespace photon::forge {
namespace {

using Ways = std::vector<std::vector<Relation>>;
constexpr std::size_t most_ways = 64;
constexpr int deepest = 32;

/// `a` holds and `b`, too.
Ways both(const Ways& a, const Ways& b) {
  Ways out;
  for (const auto& left : a)
    for (const auto& right : b) {
      if (out.size() == most_ways) return out;
      out.push_back(left);
      out.back().insert(out.back().end(), right.begin(), right.end());
    }
  return out;
}

/// Splits "a or b or c" at the words that stand outside of parentheses: operands at even places.
std::vector<std::string_view> operands(std::string_view text) {
  constexpr std::string_view words[] = {"and", "or", "if", "unless", "else", "with", "without"};
  std::vector<std::string_view> out;
  std::size_t begin = 0;
  int depth = 0;
  for (std::size_t at = 0; at < text.size();) {
    auto end = std::min(text.find(' ', at), text.size());
    auto word = text.substr(at, end - at);
    if (depth == 0 && at > 0 && std::find(std::begin(words), std::end(words), word) != std::end(words)) {
      out.push_back(trimmed(text.substr(begin, at - begin)));
      out.push_back(word);
      begin = end;
    }
    for (char c : word) depth += c == '(' ? 1 : c == ')' ? -1 : 0;
    at = end + 1;
  }
  out.push_back(trimmed(text.substr(std::min(begin, text.size()))));
  return out;
}

Ways ways(std::string_view text, int depth) {
  text = trimmed(text);
  // "pkgconfig(x)" is a name; only what begins with a parenthesis is rich.
  if (!text.starts_with('(') || !text.ends_with(')') || depth > deepest) return {{relation_from(text)}};
  auto parts = operands(text.substr(1, text.size() - 2));
  Ways out = ways(parts[0], depth + 1);
  for (std::size_t i = 1; i + 1 < parts.size(); i += 2) {
    auto word = parts[i];
    // Both sides of `with` are one package's, so its first names it; `without` and conditions ask for
    // nothing.
    if (word == "and") out = both(out, ways(parts[i + 1], depth + 1));
    if (word != "or" && word != "else") continue;
    for (auto& way : ways(parts[i + 1], depth + 1))
      if (out.size() < most_ways) out.push_back(std::move(way));
  }
  return out;
}

}  // namespace

Relation relation_from(std::string_view text) {
  text = trimmed(text);
  Relation out;
  auto blank = std::min(text.find(' '), text.size());
  out.name = text.substr(0, blank);
  auto rest = trimmed(text.substr(blank));
  auto end = std::min(rest.find(' '), rest.size());
  auto sense = rest.substr(0, end);
  if (sense.empty() || sense.find_first_not_of("<=>") != sense.npos) return out;
  out.sense = sense;
  out.version = trimmed(rest.substr(end));
  return out;
}

bool meets(const Relation& provide, const Relation& need) {
  if (provide.name != need.name) return false;
  if (provide.sense.empty() || need.sense.empty()) return true;
  int order = rpm::compare(rpm::evr_from(provide.version), rpm::evr_from(need.version));
  auto has = [](const Relation& one, char sign) { return one.sense.find(sign) != std::string::npos; };
  // Two ranges overlap where both reach beyond the other's end, or meet in one point.
  if (order < 0) return has(provide, '>') || has(need, '<');
  if (order > 0) return has(provide, '<') || has(need, '>');
  return (has(provide, '=') && has(need, '=')) || (has(provide, '<') && has(need, '<')) ||
         (has(provide, '>') && has(need, '>'));
}

std::vector<std::vector<Relation>> ways_to_satisfy(std::string_view text) { return ways(text, 0); }

}  // namespace photon::forge
