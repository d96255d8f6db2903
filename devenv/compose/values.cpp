// Scalars of compose files: numbers with units, durations, commands, lists in both forms.
#include <charconv>

#include "devenv/compose/merge.hpp"
#include "devenv/compose/reading.hpp"
#include "devenv/core/name.hpp"

namespace photon::compose {
namespace {

/// "12.5" as thousandths; no sign, no exponent.
std::optional<std::uint64_t> decimal(std::string_view text) {
  auto dot = text.find('.');
  auto whole = digits(text.substr(0, dot), 1'000'000'000'000'000);
  if (!whole) return std::nullopt;
  std::uint64_t value = *whole * 1000;
  if (dot == text.npos) return value;
  auto rest = text.substr(dot + 1);
  std::uint64_t place = 100;
  for (char c : rest) {
    if (c < '0' || c > '9') return std::nullopt;
    value += static_cast<std::uint64_t>(c - '0') * place;
    place /= 10;
  }
  if (rest.empty()) return std::nullopt;
  return value;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return out;
}

std::optional<std::uint64_t> bytes_of(std::string_view text) {
  auto end = text.find_first_not_of("0123456789.");
  auto number = decimal(text.substr(0, end));
  if (!number) return std::nullopt;
  auto unit = end == text.npos ? std::string() : lower(text.substr(end));
  while (unit.starts_with(' ')) unit.erase(0, 1);
  if (unit.ends_with("ib")) unit.resize(unit.size() - 2);
  if (unit.ends_with('b')) unit.pop_back();
  unsigned shift = 0;
  if (unit == "k")
    shift = 10;
  else if (unit == "m")
    shift = 20;
  else if (unit == "g")
    shift = 30;
  else if (unit == "t")
    shift = 40;
  else if (!unit.empty())
    return std::nullopt;
  if (*number > (UINT64_MAX >> (shift + 1))) return std::nullopt;
  return (*number << shift) / 1000;
}

std::optional<std::chrono::milliseconds> duration_of(std::string_view text) {
  std::uint64_t total = 0;
  if (text.empty()) return std::nullopt;
  while (!text.empty()) {
    auto end = text.find_first_not_of("0123456789.");
    auto number = decimal(text.substr(0, end));
    if (!number || *number > 1'000'000'000'000) return std::nullopt;
    text.remove_prefix(end == text.npos ? text.size() : end);
    auto unit_end = text.find_first_of("0123456789.");
    auto unit = text.substr(0, unit_end);
    text.remove_prefix(unit.size());
    // The number is of thousandths, and so are milliseconds of seconds.
    if (unit == "h")
      total += *number * 3600;
    else if (unit == "m")
      total += *number * 60;
    else if (unit == "s" || (unit.empty() && text.empty()))
      total += *number;
    else if (unit == "ms")
      total += *number / 1000;
    else if (unit == "us" || unit == "µs")
      total += *number / 1'000'000;
    else if (unit == "ns")
      total += *number / 1'000'000'000;
    else
      return std::nullopt;
  }
  return std::chrono::milliseconds(total);
}

/// As a shell divides a line: quotes and backslashes, and nothing else of it.
std::optional<std::vector<std::string>> split(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  bool open = false;
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    const bool takes_escape =
        quote == 0 || (quote == '"' && i + 1 < text.size() &&
                       std::string_view("\"\\$`\n").find(text[i + 1]) != std::string_view::npos);
    if (c == '\\' && takes_escape) {
      if (i + 1 >= text.size()) return std::nullopt;
      word += text[++i];
      open = true;
    } else if (quote != 0) {
      if (c == quote)
        quote = 0;
      else
        word += c;
    } else if (c == '\'' || c == '"') {
      quote = c;
      open = true;
    } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      if (open) words.push_back(std::move(word));
      word.clear();
      open = false;
    } else {
      word += c;
      open = true;
    }
  }
  if (quote != 0) return std::nullopt;
  if (open) words.push_back(std::move(word));
  return words;
}

}  // namespace

std::optional<std::uint64_t> digits(std::string_view text, std::uint64_t most) {
  std::uint64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value > most) return std::nullopt;
  return value;
}

tl::unexpected<Error> Reading::wrong(const Node& node, std::string_view name, std::string_view expected,
                                     std::string hint) const {
  return fail_at(node.where, Kind::usage, "compose.type",
                 fmt::format("\"{}\" must be {}", shown(name), expected), std::move(hint));
}

Result<void> Reading::unsupported(const Place& where, std::string_view name, std::string hint) const {
  auto message = fmt::format("\"{}\" is not supported", shown(name));
  if (!inputs.allow_unknown)
    return fail_at(where, Kind::usage, "compose.unsupported", std::move(message),
                   hint.empty() ? "--allow-unknown goes on without it"
                                : fmt::format("{}; --allow-unknown goes on without it", hint));
  warn(where, std::move(message), "it is left out");
  return {};
}

Result<void> Reading::unknown(const Node& map, std::size_t number, std::string_view name,
                              std::span<const std::string_view> near) const {
  const auto& key = map.keys[number];
  if (key.starts_with("x-")) return {};
  auto meant = nearest(key, near);
  auto message = fmt::format("unknown key \"{}\"", shown(name));
  auto hint = meant.empty() ? std::string() : fmt::format("did you mean \"{}\"?", meant);
  if (!inputs.allow_unknown)
    return fail_at(map.key_places[number], Kind::usage, "compose.unknown", std::move(message),
                   std::move(hint));
  warn(map.key_places[number], std::move(message), std::move(hint));
  return {};
}

Result<std::string> Reading::text(const Node& node, std::string_view name) const {
  if (node.is_text()) return node.text;
  return wrong(node, name, "a text");
}

Result<bool> Reading::flag(const Node& node, std::string_view name) const {
  if (auto truth = node.truth()) return *truth;
  return wrong(node, name, "true or false");
}

Result<std::int64_t> Reading::number(const Node& node, std::string_view name) const {
  if (node.is_text()) {
    bool negative = node.text.starts_with('-');
    auto value = digits(std::string_view(node.text).substr(negative ? 1 : 0), INT64_MAX);
    if (value) return negative ? -static_cast<std::int64_t>(*value) : static_cast<std::int64_t>(*value);
  }
  return wrong(node, name, "a whole number");
}

Result<std::uint64_t> Reading::thousandths(const Node& node, std::string_view name) const {
  if (node.is_text())
    if (auto value = decimal(node.text)) return *value;
  return wrong(node, name, "a number", "for example 0.5");
}

Result<std::uint64_t> Reading::bytes(const Node& node, std::string_view name) const {
  if (node.is_text())
    if (auto value = bytes_of(node.text)) return *value;
  return wrong(node, name, "a size", "for example 512m or 2g");
}

Result<std::chrono::milliseconds> Reading::duration(const Node& node, std::string_view name) const {
  if (node.is_text())
    if (auto value = duration_of(node.text)) return *value;
  return wrong(node, name, "a duration", "for example 10s or 1m30s");
}

Result<std::vector<std::string>> Reading::texts(const Node& node, std::string_view name) const {
  if (node.is_text()) return std::vector{node.text};
  if (!node.is_list()) return wrong(node, name, "a list of texts");
  std::vector<std::string> all;
  for (const auto& item : node.items) {
    if (!item.is_text()) return wrong(item, name, "a list of texts");
    all.push_back(item.text);
  }
  return all;
}

Result<std::vector<std::pair<std::string, std::optional<std::string>>>> Reading::pairs(
    const Node& node, std::string_view name, std::string_view signs) const {
  constexpr auto expected = "a map of texts, or a list of NAME=value";
  auto map = as_map(node, signs);
  if (!map.is_map()) return wrong(node, name, expected);
  std::vector<std::pair<std::string, std::optional<std::string>>> all;
  for (std::size_t i = 0; i < map.keys.size(); ++i) {
    const auto& item = map.items[i];
    if (map.keys[i].empty() || item.is_list() || item.is_map()) return wrong(item, name, expected);
    all.emplace_back(map.keys[i], item.is_text() ? std::optional(item.text) : std::nullopt);
  }
  return all;
}

Result<std::vector<std::string>> Reading::words(const Node& node, std::string_view name) const {
  if (!node.is_text()) return texts(node, name);
  if (auto divided = split(node.text)) return std::move(*divided);
  return wrong(node, name, "a command", "a quote or what follows a backslash is missing");
}

const std::string& Reading::folder_of(const Node& node) const {
  auto found = tree.folders.find(node.where.file);
  return found == tree.folders.end() ? tree.folder : found->second;
}

Result<void> Reading::must_be_map(const Node& node, std::string_view name) const {
  if (node.is_map()) return {};
  return wrong(node, name, "a map");
}

}  // namespace photon::compose
