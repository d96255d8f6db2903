#include "devenv/feature/options.hpp"

#include "devenv/core/name.hpp"

namespace photon::feature {
namespace {

bool digit(char c) { return c >= '0' && c <= '9'; }
bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool continues(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

/// The name at the front of `text`; "" = none stands there.
std::string_view name_at(std::string_view text) {
  std::size_t length = 0;
  while (length < text.size() && (letter(text[length]) || (length > 0 && digit(text[length])))) ++length;
  return text.substr(0, length);
}

std::string expanded(std::string_view text, const std::vector<std::string>& env);

/// "NAME", "NAME:-other" or "NAME:+other"; nullopt: something else.
std::optional<std::string> braced(std::string_view body, const std::vector<std::string>& env) {
  auto name = name_at(body);
  if (name.empty()) return std::nullopt;
  auto value = value_in(env, name).value_or("");
  auto rest = body.substr(name.size());
  if (rest.empty()) return value;
  if (rest.starts_with(":-")) return value.empty() ? expanded(rest.substr(2), env) : value;
  if (rest.starts_with(":+")) return value.empty() ? std::string() : expanded(rest.substr(2), env);
  return std::nullopt;
}

/// The '}' that closes what `text` is inside of; npos: none.
std::size_t closing(std::string_view text) {
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '{' && i > 0 && text[i - 1] == '$') ++depth;
    if (text[i] == '}' && depth-- == 0) return i;
  }
  return text.npos;
}

std::string expanded(std::string_view text, const std::vector<std::string>& env) {
  std::string out;
  while (!text.empty()) {
    auto dollar = text.find('$');
    out.append(text.substr(0, dollar));
    if (dollar == text.npos) break;
    text.remove_prefix(dollar + 1);
    if (text.starts_with('{')) {
      auto end = closing(text.substr(1));
      auto value = end == text.npos ? std::nullopt : braced(text.substr(1, end), env);
      if (value) {
        out += *value;
        text.remove_prefix(end + 2);
        continue;
      }
    } else if (auto name = name_at(text); !name.empty()) {
      out += value_in(env, name).value_or("");
      text.remove_prefix(name.size());
      continue;
    }
    out += '$';
  }
  return out;
}

void check_value(const std::string& name, const std::string& value, const Option& option,
                 const spec::FeatureWish& wish, std::vector<spec::Warning>& warnings) {
  const bool word = value == "true" || value == "false";
  const bool allowed = option.allowed.empty() ||
                       std::find(option.allowed.begin(), option.allowed.end(), value) != option.allowed.end();
  if (option.flag && !word)
    warnings.push_back(
        {wish.where,
         fmt::format("the option \"{}\" of {} is \"{}\"", shown(name), shown(wish.id, 200), shown(value)),
         "it is meant to be true or false"});
  else if (!allowed)
    warnings.push_back(
        {wish.where,
         fmt::format("the option \"{}\" of {} is \"{}\"", shown(name), shown(wish.id, 200), shown(value)),
         fmt::format("it is meant to be one of {}", fmt::join(option.allowed, ", "))});
}

}  // namespace

std::string option_variable(std::string_view name) {
  std::string out;
  for (char c : name) {
    if (continues(c)) continue;
    if (static_cast<unsigned char>(c) >= 0xf0) out += '_';  // two units, as the reference counts
    out += letter(c) || digit(c) ? c : '_';
  }
  auto rest = out.find_first_not_of("0123456789_");
  if (rest != 0 && !out.empty()) out = "_" + (rest == out.npos ? "" : out.substr(rest));
  for (char& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  return out;
}

std::map<std::string, std::string> chosen_options(const Metadata& metadata, const spec::FeatureWish& wish,
                                                  std::vector<spec::Warning>& warnings) {
  std::map<std::string, std::string> chosen;
  std::vector<std::string_view> names;
  for (const auto& [name, option] : metadata.options) {
    names.push_back(name);
    if (option.fallback) chosen[name] = *option.fallback;
  }
  auto asked = wish.options;
  if (!wish.shorthand.empty() && metadata.options.contains("version")) asked["version"] = wish.shorthand;
  for (const auto& [name, value] : asked) {
    chosen[name] = value;
    auto known = metadata.options.find(name);
    if (known != metadata.options.end()) {
      check_value(name, value, known->second, wish, warnings);
      continue;
    }
    auto near = nearest(name, names);
    warnings.push_back(
        {wish.where, fmt::format("{} has no option \"{}\"", shown(wish.id, 200), shown(name)),
         near.empty() ? "it is passed on all the same" : fmt::format("did you mean \"{}\"?", near)});
  }
  return chosen;
}

std::optional<std::string> value_in(const std::vector<std::string>& env, std::string_view name) {
  for (const auto& item : env)
    if (item.size() > name.size() && item[name.size()] == '=' && item.starts_with(name))
      return item.substr(name.size() + 1);
  return std::nullopt;
}

void set_in(std::vector<std::string>& env, std::string_view name, std::string_view value) {
  auto text = fmt::format("{}={}", name, value);
  for (auto& item : env)
    if (item.size() > name.size() && item[name.size()] == '=' && item.starts_with(name)) {
      item = std::move(text);
      return;
    }
  env.push_back(std::move(text));
}

void add_container_env(std::vector<std::string>& env, const Metadata& metadata) {
  for (const auto& [name, value] : metadata.container_env) set_in(env, name, expanded(value, env));
}

}  // namespace photon::feature
