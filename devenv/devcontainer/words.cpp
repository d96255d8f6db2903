#include "devenv/devcontainer/words.hpp"

#include <algorithm>

namespace photon::devcontainer {
namespace {

bool digit(char c) { return c >= '0' && c <= '9'; }

/// "-5", "-0.5", "-0x1f": such a word is a value although it begins with a '-'.
bool negative_number(std::string_view word) {
  if (!word.starts_with('-')) return false;
  word.remove_prefix(1);
  if (word.starts_with("0x") && word.size() > 2)
    return word.find_first_not_of("0123456789abcdefABCDEF", 2) == word.npos;
  auto digits = [&] {
    std::size_t count = 0;
    while (count < word.size() && digit(word[count])) ++count;
    word.remove_prefix(count);
    return count;
  };
  auto whole = digits();
  if (word.starts_with('.')) {
    word.remove_prefix(1);
    if (digits() == 0) return false;
  } else if (whole == 0) {
    return false;
  }
  if (word.starts_with('e')) {
    word.remove_prefix(1);
    if (word.starts_with('-') || word.starts_with('+')) word.remove_prefix(1);
    if (digits() == 0) return false;
  }
  return word.empty();
}

/// --workspaceFolder is --workspace-folder.
std::string dashed(std::string_view name) {
  std::string out;
  for (char c : name) {
    bool upper = c >= 'A' && c <= 'Z';
    if (upper) out += '-';
    out += upper ? static_cast<char>(c + 32) : c;
  }
  return out;
}

const Option* find(std::string_view name, std::span<const Option> options) {
  auto exact = [&](std::string_view wanted) {
    auto found = std::find_if(options.begin(), options.end(),
                              [&](const auto& option) { return option.name == wanted; });
    return found == options.end() ? nullptr : &*found;
  };
  if (const auto* option = exact(name)) return option;
  return name.find('-') == name.npos ? exact(dashed(name)) : nullptr;
}

/// A pair of quotes around a value behind '=' is not part of it.
std::string_view unquoted(std::string_view value) {
  bool pair =
      value.size() > 1 && value.front() == value.back() && (value.front() == '"' || value.front() == '\'');
  return pair ? value.substr(1, value.size() - 2) : value;
}

void take(Words& out, const Option& option, std::string_view value) {
  if (option.takes == Takes::flag)
    out.flags.insert_or_assign(std::string(option.name), value == "true");
  else
    out.texts[std::string(option.name)].emplace_back(value);
}

}  // namespace

Words take_apart(const std::vector<std::string>& words, std::span<const Option> options) {
  Words out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto& word = words[i];
    if (word == "--") break;  // what is behind it nobody looks at
    if (!word.starts_with("--") || word.starts_with("---")) {
      bool letters = word.starts_with('-') && word.size() > 1 && !negative_number(word);
      out.unknown.push_back(letters ? word.substr(1) : word);
      continue;
    }
    auto equals = word.find('=', 3);
    auto name = std::string_view(word).substr(2, equals == word.npos ? word.npos : equals - 2);
    const auto* option = find(name, options);
    const std::string* next = i + 1 < words.size() ? &words[i + 1] : nullptr;
    bool value_follows = next && (!next->starts_with('-') || negative_number(*next));
    if (!option) {
      out.unknown.emplace_back(name);
      // Its value goes with it, and is not unknown once more.
      if (equals == word.npos && value_follows) ++i;
    } else if (equals != word.npos) {
      take(out, *option, unquoted(std::string_view(word).substr(equals + 1)));
    } else if (next && (option->takes == Takes::flag ? *next == "true" || *next == "false" : value_follows)) {
      take(out, *option, *next);
      ++i;
    } else {
      take(out, *option, option->takes == Takes::flag ? "true" : "");
    }
  }
  return out;
}

Result<void> check(const Words& words, std::span<const Option> options) {
  if (!words.unknown.empty())
    return fail(Kind::usage, "reference.words",
                fmt::format("Unknown argument{}: {}", words.unknown.size() > 1 ? "s" : "",
                            fmt::join(words.unknown, ", ")));
  for (const auto& option : options) {
    auto given = words.texts.find(option.name);
    if (option.takes != Takes::choice || given == words.texts.end()) continue;
    for (const auto& value : given->second)
      if (std::find(option.choices.begin(), option.choices.end(), value) == option.choices.end())
        return fail(Kind::usage, "reference.words",
                    fmt::format("Invalid values:\n  Argument: {}, Given: \"{}\", Choices: \"{}\"",
                                option.name, value, fmt::join(option.choices, "\", \"")));
  }
  return {};
}

}  // namespace photon::devcontainer
