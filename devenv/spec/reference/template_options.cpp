#include "devenv/spec/reference/template_options.hpp"

namespace photon::spec::reference {
namespace {

constexpr std::string_view begin = "${templateOption:";

bool word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// Past blanks, as JavaScript counts those of ASCII.
std::size_t past_blanks(std::string_view text, std::size_t at) {
  return std::min(text.find_first_not_of(" \t\n\r\v\f", at), text.size());
}

struct Option {
  std::string_view name;
  std::size_t end = 0;
};

/// `NAME }` behind the begin.
std::optional<Option> option_at(std::string_view text, std::size_t at) {
  auto first = past_blanks(text, at), last = first;
  while (last < text.size() && word(text[last])) ++last;
  auto close = past_blanks(text, last);
  if (last == first || close >= text.size() || text[close] != '}') return std::nullopt;
  return Option{text.substr(first, last - first), close + 1};
}

}  // namespace

Value with_defaults(const Value& options, const Value& document) {
  auto all = spread(options);
  spread(document.at("options")).each([&](const std::string& name, const Value& option) {
    const auto* type = option.at("type").text();
    const Value& value = option.at("default");
    if (all.has(name) || !type || !value.truthy()) return;
    if (*type == "string") all.set(name, value);
    if (*type == "boolean") all.set(name, value.to_text());
  });
  return all;
}

std::string with_options(std::string_view text, const Value& options) {
  std::string out;
  for (;;) {
    auto at = text.find(begin);
    if (at == text.npos) break;
    auto option = option_at(text, at + begin.size());
    if (!option) {
      out += text.substr(0, at + begin.size());
      text.remove_prefix(at + begin.size());
      continue;
    }
    out += text.substr(0, at);
    const Value& value = options.at(option->name);
    if (value.truthy()) out += value.to_text();
    text.remove_prefix(option->end);
  }
  return out += text;
}

}  // namespace photon::spec::reference
