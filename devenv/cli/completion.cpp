#include "devenv/cli/completion.hpp"

#include <fmt/format.h>

#include <set>

#include "devenv/cli/command.hpp"

namespace photon::cli {
namespace {

/// For single quotes of a POSIX shell.
std::string in_quotes(std::string_view text) {
  std::string out;
  for (char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return "'" + out + "'";
}

/// For a name in a function or case: "image import" becomes "image_import".
std::string joined(std::string_view name) {
  std::string out(name);
  for (char& c : out)
    if (c == ' ' || c == '-') c = '_';
  return out;
}

std::string first_words() {
  std::string out;
  std::set<std::string_view> seen;
  for (const auto* command : commands())
    if (auto word = command->name.substr(0, command->name.find(' '));
        !command->hidden && seen.insert(word).second)
      out += fmt::format("{}{}", out.empty() ? "" : " ", word);
  return out;
}

/// The first words with what they do; a noun's verbs share one line.
std::vector<std::pair<std::string_view, std::string>> described_words() {
  std::vector<std::pair<std::string_view, std::string>> out;
  for (const auto* command : commands()) {
    if (command->hidden) continue;
    auto blank = command->name.find(' ');
    auto word = command->name.substr(0, blank);
    if (blank == std::string_view::npos)
      out.emplace_back(word, command->summary);
    else if (out.empty() || out.back().first != word)
      out.emplace_back(word, command->name.substr(blank + 1));
    else
      out.back().second += fmt::format(", {}", command->name.substr(blank + 1));
  }
  return out;
}

std::string verbs(std::string_view noun) {
  std::string out;
  for (const auto* command : commands())
    if (command->name.starts_with(fmt::format("{} ", noun)))
      out += fmt::format("{}{}", out.empty() ? "" : " ", command->name.substr(noun.size() + 1));
  return out;
}

std::set<std::string_view> nouns() {
  std::set<std::string_view> out;
  for (const auto* command : commands())
    if (auto blank = command->name.find(' '); blank != std::string_view::npos)
      out.insert(command->name.substr(0, blank));
  return out;
}

std::string option_names(const Command& command) {
  std::string out;
  for (auto options : {command.options, common_options()})
    for (const auto& option : options) {
      out += fmt::format("{}{}", out.empty() ? "" : " ", option.name);
      if (!option.letter.empty()) out += fmt::format(" {}", option.letter);
    }
  return out;
}

/// The shell words that offer what a place may hold, for bash.
std::string bash_offer(Completes what, std::string_view words) {
  switch (what) {
    case Completes::environments:
      return R"sh(COMPREPLY=($(compgen -W "$(devenv ls --quiet 2>/dev/null)" -- "$cur")))sh";
    case Completes::images:
      // bash splits words at colons, too: the part before the last one is on the line already.
      return R"sh(cur=${COMP_LINE:0:COMP_POINT}; cur=${cur##* }; COMPREPLY=($(compgen -W "$(devenv image ls 2>/dev/null | awk 'NR > 1 {print $1}')" -- "$cur")); prev=${cur%"${cur##*:}"}; COMPREPLY=("${COMPREPLY[@]#"$prev"}"))sh";
    case Completes::folders:
      return R"sh(compopt -o filenames; COMPREPLY=($(compgen -d -- "$cur")))sh";
    case Completes::files:
      return R"sh(compopt -o filenames; COMPREPLY=($(compgen -f -- "$cur")))sh";
    case Completes::words:
      return fmt::format(R"sh(COMPREPLY=($(compgen -W {} -- "$cur")))sh", in_quotes(words));
    case Completes::nothing:
      break;
  }
  return "COMPREPLY=()";
}

std::string bash_case(const Command& command) {
  std::string out = fmt::format("    {})\n", in_quotes(command.name));
  std::string values;
  for (const auto& option : command.options) {
    if (option.value.empty()) continue;
    values += fmt::format("        {}{}) {}; return ;;\n", option.name,
                          option.letter.empty() ? "" : fmt::format("|{}", option.letter),
                          bash_offer(option.completes, option.words));
  }
  if (!values.empty()) out += "      case $prev in\n" + values + "      esac\n";
  out += fmt::format("      if [[ $cur == -* ]]; then COMPREPLY=($(compgen -W {} -- \"$cur\")); return; fi\n",
                     in_quotes(option_names(command)));
  if (!command.positionals.empty())
    out += "      " + bash_offer(command.positionals[0].completes, command.positionals[0].words) + "\n";
  return out + "      ;;\n";
}

std::string_view zsh_offer(Completes what) {
  switch (what) {
    case Completes::environments:
      return "_devenv_environments";
    case Completes::images:
      return "_devenv_images";
    case Completes::folders:
      return "_files -/";
    case Completes::files:
      return "_files";
    default:
      return " ";
  }
}

/// A colon or bracket would end a part of zsh's specification.
std::string zsh_text(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == ':' || c == '[' || c == ']') out += '\\';
    out += c;
  }
  return out;
}

std::string zsh_action(Completes what, std::string_view words) {
  return what == Completes::words ? fmt::format("({})", words) : std::string(zsh_offer(what));
}

std::string zsh_function(const Command& command) {
  std::string out = fmt::format("_devenv_{}() {{\n  _arguments -s -S", joined(command.name));
  for (auto options : {command.options, common_options()})
    for (const auto& option : options) {
      auto rest = fmt::format("[{}]", zsh_text(option.help));
      if (!option.value.empty())
        rest += fmt::format(":{}:{}", zsh_text(option.value), zsh_action(option.completes, option.words));
      auto star = option.repeats ? "*" : "";
      out += fmt::format(" \\\n    {}", in_quotes(fmt::format("{}{}{}", star, option.name, rest)));
      if (!option.letter.empty())
        out += fmt::format(" \\\n    {}", in_quotes(fmt::format("{}{}{}", star, option.letter, rest)));
    }
  for (const auto& one : command.positionals)
    out += fmt::format(" \\\n    {}",
                       in_quotes(fmt::format("{}:{}:{}", one.required || !command.rest.empty() ? "" : ":",
                                             one.name, zsh_action(one.completes, one.words))));
  if (!command.rest.empty()) out += " \\\n    '*::command:_normal'";
  return out + "\n}\n";
}

std::string fish_offer(Completes what, std::string_view words) {
  switch (what) {
    case Completes::environments:
      return " -f -a '(devenv ls --quiet 2>/dev/null)'";
    case Completes::images:
      return " -f -a \"(devenv image ls 2>/dev/null | awk 'NR > 1 {print \\$1}')\"";
    case Completes::words:
      return fmt::format(" -f -a '{}'", words);
    case Completes::folders:
      return " -f -a '(__fish_complete_directories)'";
    case Completes::files:
      return " -F";
    case Completes::nothing:
      break;
  }
  return " -f";
}

/// fish escapes a quote inside single quotes by a backslash.
std::string fish_quoted(std::string_view text) {
  std::string out;
  for (char c : text) out += c == '\'' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  return "'" + out + "'";
}

std::string fish_lines(const Command& command) {
  auto blank = command.name.find(' ');
  std::string when = fmt::format("__fish_seen_subcommand_from {}", command.name.substr(0, blank));
  if (blank != std::string_view::npos)
    when += fmt::format("; and __fish_seen_subcommand_from {}", command.name.substr(blank + 1));
  std::string out;
  for (auto options : {command.options, common_options()})
    for (const auto& option : options) {
      out += fmt::format("complete -c devenv -n '{}' -l {}", when, option.name.substr(2));
      if (!option.letter.empty()) out += fmt::format(" -s {}", option.letter.substr(1));
      if (!option.value.empty()) out += " -r" + fish_offer(option.completes, option.words);
      out += fmt::format(" -d {}\n", fish_quoted(option.help));
    }
  for (const auto& one : command.positionals)
    out += fmt::format("complete -c devenv -n '{}'{}\n", when, fish_offer(one.completes, one.words));
  return out;
}

}  // namespace

std::string bash_completion() {
  std::string out =
      "# bash completion for devenv; devenv completion bash > "
      "~/.local/share/bash-completion/completions/devenv\n"
      "_devenv() {\n"
      "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]}\n"
      "  COMPREPLY=()\n";
  out += fmt::format("  if ((COMP_CWORD == 1)); then COMPREPLY=($(compgen -W {} -- \"$cur\")); return; fi\n",
                     in_quotes(first_words()));
  for (auto noun : nouns())
    out += fmt::format(
        "  if [[ $command == {0} ]]; then\n"
        "    if ((COMP_CWORD == 2)); then COMPREPLY=($(compgen -W {1} -- \"$cur\")); return; fi\n"
        "    command=\"{0} ${{COMP_WORDS[2]}}\"\n  fi\n",
        noun, in_quotes(verbs(noun)));
  out += "  case $command in\n";
  for (const auto* command : commands())
    if (!command->hidden) out += bash_case(*command);
  return out + "  esac\n}\ncomplete -F _devenv devenv\n";
}

std::string zsh_completion() {
  std::string out =
      "#compdef devenv\n# devenv completion zsh > a folder of $fpath, as _devenv\n"
      "_devenv_environments() { local -a names; names=(${(f)\"$(devenv ls --quiet 2>/dev/null)\"}); compadd "
      "-a names }\n"
      "_devenv_images() { local -a names; names=(${(f)\"$(devenv image ls 2>/dev/null | awk 'NR > 1 {print "
      "$1}')\"}); compadd -a names }\n";
  for (const auto* command : commands())
    if (!command->hidden) out += zsh_function(*command);
  out += "_devenv() {\n  if ((CURRENT == 2)); then\n    local -a words_of_devenv=(";
  for (const auto& [word, says] : described_words())
    out += fmt::format("\n      {}", in_quotes(fmt::format("{}:{}", word, zsh_text(says))));
  out += ")\n    _describe command words_of_devenv\n    return\n  fi\n";
  for (auto noun : nouns())
    out += fmt::format(
        "  if [[ $words[2] == {0} ]]; then\n    if ((CURRENT == 3)); then compadd {1}; return; fi\n"
        "    local verb=${{words[3]//-/_}}\n    shift 2 words; ((CURRENT -= 2))\n"
        "    (( $+functions[_devenv_{0}_$verb] )) && _devenv_{0}_$verb\n    return\n  fi\n",
        noun, verbs(noun));
  return out +
         "  local command=${words[2]//-/_}\n  shift words; ((CURRENT--))\n"
         "  (( $+functions[_devenv_$command] )) && _devenv_$command\n}\n_devenv \"$@\"\n";
}

std::string fish_completion() {
  std::string out = "# devenv completion fish > ~/.config/fish/completions/devenv.fish\n";
  for (const auto& [word, says] : described_words())
    out +=
        fmt::format("complete -c devenv -n __fish_use_subcommand -f -a {} -d {}\n", word, fish_quoted(says));
  for (auto noun : nouns())
    out += fmt::format(
        "complete -c devenv -n '__fish_seen_subcommand_from {0}; and not __fish_seen_subcommand_from {1}' -f "
        "-a '{1}'\n",
        noun, verbs(noun));
  for (const auto* command : commands())
    if (!command->hidden) out += fish_lines(*command);
  return out;
}

}  // namespace photon::cli
