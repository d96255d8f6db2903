#include "devenv/command/parser.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <array>

#include "devenv/command/help.hpp"
#include "devenv/core/name.hpp"

namespace photon::command {
namespace {

/// What is being parsed for: both are needed wherever a word may be wrong.
struct Target {
  const Program& program;
  const Words& command;
  [[nodiscard]] std::array<std::span<const Option>, 2> options() const {
    return {command.options, program.common};
  }
};

tl::unexpected<Error> wrong(const Target& target, std::string message, std::string hint = {}) {
  if (hint.empty())
    hint = fmt::format("{}{}{} --help shows how", target.program.name, target.command.name.empty() ? "" : " ",
                       target.command.name);
  return fail(Kind::usage, "cli.usage", std::move(message), std::move(hint));
}

const Option* find_option(const Target& target, std::string_view word) {
  word = word.substr(0, word.starts_with("--") ? word.find('=') : 2);
  for (auto options : target.options())
    for (const auto& option : options)
      if (option.name == word || (!option.letter.empty() && option.letter == word)) return &option;
  return nullptr;
}

/// Where words begin that are not ours: after "--", or after the first positional of a command with a rest
/// and the options of ours that follow it.
std::size_t own_words(const Target& target, const std::vector<std::string>& words) {
  bool positional = false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--") return i;
    const auto* option = find_option(target, words[i]);
    if (positional && !option) return i;
    if (words[i].size() > 1 && words[i][0] == '-') {
      bool joined =
          words[i].starts_with("--") ? words[i].find('=') != std::string::npos : words[i].size() > 2;
      if (option && !option->value.empty() && !joined) ++i;
    } else {
      positional = true;
    }
  }
  return words.size();
}

std::string nearest_option(const Target& target, std::string_view word) {
  std::vector<std::string_view> names;
  for (auto options : target.options())
    for (const auto& option : options) names.push_back(option.name);
  return nearest(word.substr(0, word.find('=')), names);
}

Result<void> check_words(const Target& target, std::string_view name, std::string_view words,
                         const std::string& given) {
  if (words.empty()) return {};
  std::vector<std::string_view> allowed;
  for (auto left = words; !left.empty();) {
    auto end = std::min(left.find(' '), left.size());
    allowed.push_back(left.substr(0, end));
    left.remove_prefix(std::min(end + 1, left.size()));
  }
  if (std::find(allowed.begin(), allowed.end(), given) != allowed.end()) return {};
  auto meant = nearest(given, allowed);
  return wrong(target, fmt::format("{} cannot be \"{}\"", name, shown(given)),
               (meant.empty() ? "" : fmt::format("did you mean {}? ", meant)) +
                   fmt::format("it is one of: {}", words));
}

Result<void> check(const Target& target, const Arguments& arguments) {
  const auto& command = target.command;
  bool open_end = !command.positionals.empty() && command.positionals.back().repeats;
  if (!open_end && arguments.positionals.size() > command.positionals.size()) {
    const auto& extra = arguments.positionals[command.positionals.size()];
    return wrong(target, fmt::format("\"{}\" is one word too many for {}", shown(extra), command.name));
  }
  for (std::size_t i = 0; i < command.positionals.size(); ++i) {
    const auto& wanted = command.positionals[i];
    if (i < arguments.positionals.size()) {
      PHOTON_CHECK(check_words(target, wanted.name, wanted.words, arguments.positionals[i]));
    } else if (wanted.required && !arguments.flag("--help")) {
      return wrong(target, fmt::format("{} needs {}", command.name, wanted.name),
                   synopsis(target.program, target.command));
    }
  }
  for (const auto& option : command.options)
    for (const auto& value : arguments.all(option.name))
      PHOTON_CHECK(check_words(target, option.name, option.words, value));
  return {};
}

}  // namespace

std::string Arguments::text(std::string_view name, std::string_view otherwise) const {
  auto found = values.find(name);
  return found == values.end() || found->second.empty() ? std::string(otherwise) : found->second.back();
}

std::vector<std::string> Arguments::all(std::string_view name) const {
  auto found = values.find(name);
  return found == values.end() ? std::vector<std::string>{} : found->second;
}

Result<Arguments> parse(const Program& program, const Words& command, std::vector<std::string> words) {
  Target target{program, command};
  Arguments out;
  if (!command.rest.empty()) {
    auto own = own_words(target, words);
    out.had_rest = own < words.size();
    auto from = words.begin() + static_cast<std::ptrdiff_t>(own);
    out.rest.assign(out.had_rest && *from == "--" ? from + 1 : from, words.end());
    words.erase(from, words.end());
  }

  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  std::map<std::string_view, std::vector<std::string>> values;
  std::map<std::string_view, CLI::Option*> found;
  for (auto options : target.options())
    for (const auto& option : options) {
      auto names =
          option.letter.empty() ? std::string(option.name) : fmt::format("{},{}", option.letter, option.name);
      if (option.value.empty())
        found[option.name] = app.add_flag(names)->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
      else
        found[option.name] = app.add_option(names, values[option.name])
                                 ->expected(1)
                                 ->allow_extra_args(false)
                                 ->multi_option_policy(option.repeats ? CLI::MultiOptionPolicy::TakeAll
                                                                      : CLI::MultiOptionPolicy::TakeLast);
    }
  std::reverse(words.begin(), words.end());
  try {
    app.parse(words);
    out.positionals = app.remaining();
    std::erase(out.positionals, "--");
  } catch (const CLI::ArgumentMismatch& mismatch) {
    return wrong(target, mismatch.what());
  } catch (const CLI::Error& error) {
    return wrong(target, error.what());
  }
  // An unknown option is said before all else: what follows it may be its value.
  auto unknown = std::find_if(out.positionals.begin(), out.positionals.end(),
                              [](const std::string& word) { return word.size() > 1 && word[0] == '-'; });
  if (unknown != out.positionals.end()) {
    auto meant = nearest_option(target, *unknown);
    return wrong(target, fmt::format("unknown option \"{}\"", shown(*unknown)),
                 meant.empty() ? std::string() : fmt::format("did you mean {}?", meant));
  }
  for (const auto& [name, option] : found)
    if (option->count() > 0) out.values[std::string(name)] = values[name];
  PHOTON_CHECK(check(target, out));
  return out;
}

}  // namespace photon::command
