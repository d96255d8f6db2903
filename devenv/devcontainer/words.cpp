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

const Option* find(char letter, std::span<const Option> options) {
  auto found = std::find_if(options.begin(), options.end(),
                            [&](const auto& option) { return letter != 0 && option.letter == letter; });
  return found == options.end() ? nullptr : &*found;
}

/// A word of letters: `-x`, `-xVALUE`, `-x=VALUE`, several flags in one. What remains is the last option,
/// whose value may follow.
const Option* take_letters(Words& out, std::string_view word, std::span<const Option> options) {
  for (std::size_t i = 1; i < word.size(); ++i) {
    const auto* option = find(word[i], options);
    if (!option) {
      out.unknown.emplace_back(word.substr(i, 1));
      continue;
    }
    if (i + 1 == word.size()) return option;
    if (option->takes == Takes::flag && word[i + 1] != '=') {
      take(out, *option, "true");
      continue;
    }
    auto value = word.substr(i + 1);
    if (value.starts_with('=')) value.remove_prefix(1);
    take(out, *option, unquoted(value));
    return nullptr;
  }
  return nullptr;
}

Words taken(const std::vector<std::string>& words, std::span<const Option> options, std::size_t positionals,
            bool front) {
  Words out;
  auto rest_from = [&](std::size_t i) {
    out.positionals.assign(words.begin() + static_cast<std::ptrdiff_t>(i), words.end());
  };
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto& word = words[i];
    if (word == "--") {  // otherwise nobody looks at what is behind it
      if (front) rest_from(i + 1);
      break;
    }
    if (front && (!word.starts_with('-') || word == "-")) {
      rest_from(i);
      break;
    }
    const std::string* next = i + 1 < words.size() ? &words[i + 1] : nullptr;
    bool value_follows = next && (!next->starts_with('-') || negative_number(*next));
    const Option* option = nullptr;
    if (!word.starts_with("--") || word.starts_with("---")) {
      bool letters = word.starts_with('-') && word.size() > 1 && !negative_number(word);
      if (letters && find(word[1], options)) {
        option = take_letters(out, word, options);
        if (!option) continue;
      } else if (!letters && out.positionals.size() < positionals) {
        out.positionals.push_back(word);
        continue;
      } else {
        out.unknown.push_back(letters ? word.substr(1) : word);
        continue;
      }
    } else {
      auto equals = word.find('=', 3);
      auto name = std::string_view(word).substr(2, equals == word.npos ? word.npos : equals - 2);
      option = find(name, options);
      if (!option) {
        out.unknown.emplace_back(name);
        // Its value goes with it, and is not unknown once more.
        if (equals == word.npos && value_follows) ++i;
        continue;
      }
      if (equals != word.npos) {
        take(out, *option, unquoted(std::string_view(word).substr(equals + 1)));
        continue;
      }
    }
    if (next && (option->takes == Takes::flag ? *next == "true" || *next == "false" : value_follows)) {
      take(out, *option, *next);
      ++i;
    } else {
      take(out, *option, option->takes == Takes::flag ? "true" : "");
    }
  }
  return out;
}

}  // namespace

Words take_apart(const std::vector<std::string>& words, std::span<const Option> options,
                 std::size_t positionals) {
  return taken(words, options, positionals, false);
}

Words take_front(const std::vector<std::string>& words, std::span<const Option> options) {
  return taken(words, options, 0, true);
}

namespace {

Result<void> check_choice(std::string_view name, const std::string& value,
                          std::span<const std::string_view> choices) {
  if (choices.empty() || std::find(choices.begin(), choices.end(), value) != choices.end()) return {};
  return fail(Kind::usage, "reference.words",
              fmt::format("Invalid values:\n  Argument: {}, Given: \"{}\", Choices: \"{}\"", name, value,
                          fmt::join(choices, "\", \"")));
}

}  // namespace

Result<void> check(const Words& words, std::span<const Option> options,
                   std::span<const Positional> positionals) {
  if (words.positionals.size() < positionals.size())
    return fail(Kind::usage, "reference.words",
                fmt::format("Not enough non-option arguments: got {}, need at least {}",
                            words.positionals.size(), positionals.size()));
  for (const auto& option : options)
    if (option.required && !words.texts.contains(option.name))
      return fail(Kind::usage, "reference.words", fmt::format("Missing required argument: {}", option.name));
  if (!words.unknown.empty())
    return fail(Kind::usage, "reference.words",
                fmt::format("Unknown argument{}: {}", words.unknown.size() > 1 ? "s" : "",
                            fmt::join(words.unknown, ", ")));
  for (std::size_t i = 0; i < positionals.size(); ++i)
    PHOTON_CHECK(check_choice(positionals[i].name, words.positionals[i], positionals[i].choices));
  for (const auto& option : options) {
    auto given = words.texts.find(option.name);
    if (given == words.texts.end()) continue;
    for (const auto& value : given->second) PHOTON_CHECK(check_choice(option.name, value, option.choices));
  }
  return {};
}

Result<std::optional<std::string>> one_text(const Words& words, std::string_view name) {
  auto found = words.texts.find(name);
  if (found == words.texts.end()) return std::optional<std::string>();
  if (found->second.size() > 1)
    return fail(Kind::usage, "reference.words",
                fmt::format("--{} is given {} times", name, found->second.size()), "it takes one value");
  return std::optional(found->second[0]);
}

bool flag_of(const Words& words, std::string_view name, bool otherwise) {
  auto found = words.flags.find(name);
  return found == words.flags.end() ? otherwise : found->second;
}

}  // namespace photon::devcontainer
