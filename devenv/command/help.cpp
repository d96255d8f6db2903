#include "devenv/command/help.hpp"

#include <boost/json/array.hpp>

#include "devenv/core/json.hpp"
#include "devenv/core/name.hpp"
#include "devenv/core/terminal.hpp"

namespace photon::command {
namespace {

/// Of a pipe, too: what is read there was made to be read.
std::size_t screen_columns() {
  auto width = width_of(1);
  return width == 0 ? 80 : std::clamp<std::size_t>(width, 40, 80);
}

using Rows = std::vector<std::pair<std::string, std::string_view>>;

/// The right column is wrapped at blanks, for a help text should fit any terminal.
std::string wrapped(std::string_view text, std::size_t indent) {
  const std::size_t room = screen_columns() - std::min(indent, screen_columns() - 16);
  std::string out;
  while (columns_of(text) > room) {
    std::size_t end = 0;
    for (std::size_t at = text.find(' '); at != std::string_view::npos; at = text.find(' ', at + 1)) {
      if (columns_of(text.substr(0, at)) > room) break;
      end = at;
    }
    if (end == 0) break;
    out += std::string(text.substr(0, end)) + "\n" + std::string(indent, ' ');
    text.remove_prefix(end + 1);
  }
  return out + std::string(text);
}

std::string two_columns(const Rows& rows) {
  std::size_t widest = 0;
  for (const auto& [left, right] : rows) widest = std::max(widest, columns_of(left));
  std::string out;
  for (const auto& [left, right] : rows)
    out += fmt::format("  {}  {}\n", padded(left, widest), wrapped(right, widest + 4));
  return out;
}

Rows option_rows(const Program& program, const Words& command) {
  Rows rows;
  for (auto options : {command.options, program.common})
    for (const auto& option : options) rows.emplace_back(option_words(option), option.help);
  return rows;
}

}  // namespace

std::string option_words(const Option& option) {
  std::string out = option.letter.empty() ? "    " : std::string(option.letter) + ", ";
  out += option.name;
  if (!option.value.empty()) out += fmt::format(" {}", option.value);
  return out;
}

std::string synopsis(const Program& program, const Words& command) {
  std::string out(program.name);
  if (!command.name.empty())
    out += fmt::format(" {}", command.name);  // a program of one command has no word for it
  if (!command.options.empty()) out += " [OPTION…]";
  for (const auto& one : command.positionals) {
    auto name = fmt::format("{}{}", one.name, one.repeats ? "…" : "");
    out += one.required ? " " + name : fmt::format(" [{}]", name);
  }
  if (!command.rest.empty()) out += fmt::format(" {}", command.rest);
  return out;
}

std::string help_of(const Program& program, const Words& command) {
  std::string out = fmt::format("{}\n  {}\n", synopsis(program, command), command.summary);
  if (!command.positionals.empty()) {
    Rows rows;
    for (const auto& one : command.positionals) rows.emplace_back(one.name, one.help);
    out += "\n" + two_columns(rows);
  }
  out += "\nOptions:\n" + two_columns(option_rows(program, command));
  out += "\nExamples:\n";
  for (const auto& example : command.examples)
    out += fmt::format("  {}\n      {}\n", example.line, example.says);
  return out;
}

std::string help_of_all(const Program& program) {
  Rows rows;
  for (const auto& command : program.commands)
    if (!command.hidden) rows.emplace_back(command.name, command.summary);
  return fmt::format("{0} COMMAND [ARGUMENT…]\n\n{1}\n{0} COMMAND --help says more, man {0}-COMMAND all.\n",
                     program.name, two_columns(rows));
}

std::string help_of_group(const Program& program, std::string_view noun) {
  Rows rows;
  for (const auto& command : program.commands)
    if (command.name.size() > noun.size() && command.name.starts_with(noun) &&
        command.name[noun.size()] == ' ')
      rows.emplace_back(command.name, command.summary);
  return rows.empty() ? ""
                      : fmt::format("{} {} VERB [ARGUMENT…]\n\n", program.name, noun) + two_columns(rows);
}

Error unknown_command(const Program& program, std::string_view word) {
  std::vector<std::string_view> names;
  for (const auto& command : program.commands)
    if (!command.hidden) names.push_back(command.name.substr(0, command.name.find(' ')));
  auto meant = nearest(word, names);
  return {Kind::usage, "cli.command", fmt::format("there is no command \"{}\"", shown(word)), std::nullopt,
          meant.empty() ? fmt::format("{} help lists them", program.name)
                        : fmt::format("did you mean {} {}?", program.name, meant)};
}

std::optional<std::size_t> find_command(const Program& program, std::span<const std::string> words,
                                        std::size_t& used) {
  for (used = std::min<std::size_t>(2, words.size()); used > 0; --used) {
    auto name = used == 2 ? words[0] + " " + words[1] : words[0];
    for (std::size_t i = 0; i < program.commands.size(); ++i)
      if (program.commands[i].name == name) return i;
  }
  return std::nullopt;
}

Result<std::string> answer_help(const Program& program, std::span<const std::string> words, bool as_json) {
  if (as_json) {
    json::array list;
    for (const auto& row : program.commands)
      list.push_back({{"name", row.name}, {"summary", row.summary}, {"synopsis", synopsis(program, row)}});
    return write_json_pretty(list);
  }
  if (words.empty()) return help_of_all(program);
  std::size_t used = 0;
  if (auto index = find_command(program, words, used)) return help_of(program, program.commands[*index]);
  return tl::unexpected(unknown_command(program, words[0]));
}

}  // namespace photon::command
