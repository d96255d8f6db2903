#include "devenv/command/completion.hpp"

#include <fmt/format.h>

#include <set>

namespace photon::command {
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

/// A program of one command has no word for it: its options come at once.
bool nameless(const Program& program) {
  return program.commands.size() == 1 && program.commands[0].name.empty();
}

/// How the program itself prints what is made here.
std::string asked(const Program& program) {
  return fmt::format("{} {}completion", program.name, nameless(program) ? "--" : "");
}

std::string first_words(const Program& program) {
  std::string out;
  std::set<std::string_view> seen;
  for (const auto& command : program.commands)
    if (auto word = command.name.substr(0, command.name.find(' '));
        !command.hidden && seen.insert(word).second)
      out += fmt::format("{}{}", out.empty() ? "" : " ", word);
  return out;
}

/// The first words with what they do; a noun's verbs share one line.
std::vector<std::pair<std::string_view, std::string>> described_words(const Program& program) {
  std::vector<std::pair<std::string_view, std::string>> out;
  for (const auto& command : program.commands) {
    if (command.hidden) continue;
    auto blank = command.name.find(' ');
    auto word = command.name.substr(0, blank);
    if (blank == std::string_view::npos)
      out.emplace_back(word, command.summary);
    else if (out.empty() || out.back().first != word)
      out.emplace_back(word, command.name.substr(blank + 1));
    else
      out.back().second += fmt::format(", {}", command.name.substr(blank + 1));
  }
  return out;
}

std::string verbs(const Program& program, std::string_view noun, std::string_view between = " ") {
  std::string out;
  for (const auto& command : program.commands)
    if (command.name.starts_with(fmt::format("{} ", noun)))
      out += fmt::format("{}{}", out.empty() ? "" : between, command.name.substr(noun.size() + 1));
  return out;
}

std::set<std::string_view> nouns(const Program& program) {
  std::set<std::string_view> out;
  for (const auto& command : program.commands)
    if (auto blank = command.name.find(' '); blank != std::string_view::npos)
      out.insert(command.name.substr(0, blank));
  return out;
}

std::string option_names(const Program& program, const Words& command) {
  std::string out;
  for (auto options : {command.options, program.common})
    for (const auto& option : options) {
      out += fmt::format("{}{}", out.empty() ? "" : " ", option.name);
      if (!option.letter.empty()) out += fmt::format(" {}", option.letter);
    }
  return out;
}

const Lister* lister(const Program& program, Completes what) {
  for (const auto& one : program.listers)
    if (one.what == what) return &one;
  return nullptr;
}

/// The shell words that offer what a place may hold, for bash.
std::string bash_offer(const Program& program, Completes what, std::string_view words) {
  if (const auto* list = lister(program, what)) {
    auto offer = fmt::format(R"sh(COMPREPLY=($(compgen -W "$({})" -- "$cur")))sh", list->line);
    if (!list->colons) return offer;
    // bash splits words at colons, too: the part before the last one is on the line already.
    return fmt::format(
        R"sh(cur=${{COMP_LINE:0:COMP_POINT}}; cur=${{cur##* }}; {}; prev=${{cur%"${{cur##*:}}"}}; COMPREPLY=("${{COMPREPLY[@]#"$prev"}}"))sh",
        offer);
  }
  switch (what) {
    case Completes::folders:
      return R"sh(compopt -o filenames; COMPREPLY=($(compgen -d -- "$cur")))sh";
    case Completes::files:
      return R"sh(compopt -o filenames; COMPREPLY=($(compgen -f -- "$cur")))sh";
    case Completes::words:
      return fmt::format(R"sh(COMPREPLY=($(compgen -W {} -- "$cur")))sh", in_quotes(words));
    default:
      return "COMPREPLY=()";
  }
}

std::string bash_case(const Program& program, const Words& command) {
  std::string out = fmt::format("    {})\n", in_quotes(command.name));
  std::string values;
  for (const auto& option : command.options) {
    if (option.value.empty()) continue;
    values += fmt::format("        {}{}) {}; return ;;\n", option.name,
                          option.letter.empty() ? "" : fmt::format("|{}", option.letter),
                          bash_offer(program, option.completes, option.words));
  }
  if (!values.empty()) out += "      case $prev in\n" + values + "      esac\n";
  out += fmt::format("      if [[ $cur == -* ]]; then COMPREPLY=($(compgen -W {} -- \"$cur\")); return; fi\n",
                     in_quotes(option_names(program, command)));
  if (!command.positionals.empty())
    out +=
        "      " + bash_offer(program, command.positionals[0].completes, command.positionals[0].words) + "\n";
  return out + "      ;;\n";
}

std::string zsh_offer(const Program& program, Completes what) {
  if (const auto* list = lister(program, what)) return fmt::format("_{}_{}", program.name, list->name);
  if (what == Completes::folders) return "_files -/";
  return what == Completes::files ? "_files" : " ";
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

std::string zsh_action(const Program& program, Completes what, std::string_view words) {
  return what == Completes::words ? fmt::format("({})", words) : zsh_offer(program, what);
}

std::string zsh_function(const Program& program, const Words& command) {
  std::string out = fmt::format("_{}_{}() {{\n  _arguments -s -S", program.name, joined(command.name));
  for (auto options : {command.options, program.common})
    for (const auto& option : options) {
      auto rest = fmt::format("[{}]", zsh_text(option.help));
      if (!option.value.empty())
        rest += fmt::format(":{}:{}", zsh_text(option.value),
                            zsh_action(program, option.completes, option.words));
      auto star = option.repeats ? "*" : "";
      out += fmt::format(" \\\n    {}", in_quotes(fmt::format("{}{}{}", star, option.name, rest)));
      if (!option.letter.empty())
        out += fmt::format(" \\\n    {}", in_quotes(fmt::format("{}{}{}", star, option.letter, rest)));
    }
  for (const auto& one : command.positionals)
    out += fmt::format(" \\\n    {}",
                       in_quotes(fmt::format("{}:{}:{}", one.required || !command.rest.empty() ? "" : ":",
                                             one.name, zsh_action(program, one.completes, one.words))));
  if (!command.rest.empty()) out += " \\\n    '*::command:_normal'";
  return out + "\n}\n";
}

/// fish escapes a quote inside single quotes by a backslash.
std::string fish_quoted(std::string_view text) {
  std::string out;
  for (char c : text) out += c == '\'' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  return "'" + out + "'";
}

std::string fish_offer(const Program& program, Completes what, std::string_view words) {
  if (const auto* list = lister(program, what))
    return fmt::format(" -f -a {}", fish_quoted(fmt::format("({})", list->line)));
  switch (what) {
    case Completes::words:
      return fmt::format(" -f -a '{}'", words);
    case Completes::folders:
      return " -f -a '(__fish_complete_directories)'";
    case Completes::files:
      return " -F";
    default:
      return " -f";
  }
}

std::string fish_lines(const Program& program, const Words& command) {
  auto blank = command.name.find(' ');
  std::string when = command.name.empty()
                         ? std::string("true")
                         : fmt::format("__fish_seen_subcommand_from {}", command.name.substr(0, blank));
  if (blank != std::string_view::npos)
    when += fmt::format("; and __fish_seen_subcommand_from {}", command.name.substr(blank + 1));
  else if (auto own = verbs(program, command.name); !command.name.empty() && !own.empty())
    when += fmt::format("; and not __fish_seen_subcommand_from {}", own);
  std::string out;
  for (auto options : {command.options, program.common})
    for (const auto& option : options) {
      out += fmt::format("complete -c {} -n '{}' -l {}", program.name, when, option.name.substr(2));
      if (!option.letter.empty()) out += fmt::format(" -s {}", option.letter.substr(1));
      if (!option.value.empty()) out += " -r" + fish_offer(program, option.completes, option.words);
      out += fmt::format(" -d {}\n", fish_quoted(option.help));
    }
  for (const auto& one : command.positionals)
    out += fmt::format("complete -c {} -n '{}'{}\n", program.name, when,
                       fish_offer(program, one.completes, one.words));
  return out;
}

}  // namespace

std::string bash_completion(const Program& program) {
  auto out = fmt::format(
      "# bash completion for {0}; {1} bash > ~/.local/share/bash-completion/completions/{0}\n"
      "_{0}() {{\n"
      "  local cur=${{COMP_WORDS[COMP_CWORD]}} prev=${{COMP_WORDS[COMP_CWORD-1]}} "
      "command={2}\n"
      "  COMPREPLY=()\n",
      program.name, asked(program), nameless(program) ? "" : "${COMP_WORDS[1]}");
  if (!nameless(program))
    out +=
        fmt::format("  if ((COMP_CWORD == 1)); then COMPREPLY=($(compgen -W {} -- \"$cur\")); return; fi\n",
                    in_quotes(first_words(program)));
  for (auto noun : nouns(program))
    out += fmt::format(
        "  if [[ $command == {0} ]]; then\n"
        "    if ((COMP_CWORD == 2)) && [[ $cur != -* ]]; then COMPREPLY=($(compgen -W {1} -- \"$cur\")); "
        "return; fi\n"
        "    case ${{COMP_WORDS[2]}} in {2}) command=\"{0} ${{COMP_WORDS[2]}}\" ;; esac\n  fi\n",
        noun, in_quotes(verbs(program, noun)), verbs(program, noun, "|"));
  out += "  case $command in\n";
  for (const auto& command : program.commands)
    if (!command.hidden) out += bash_case(program, command);
  return out + fmt::format("  esac\n}}\ncomplete -F _{0} {0}\n", program.name);
}

std::string zsh_completion(const Program& program) {
  auto out =
      fmt::format("#compdef {0}\n# {1} zsh > a folder of $fpath, as _{0}\n", program.name, asked(program));
  for (const auto& list : program.listers)
    out += fmt::format("_{}_{}() {{ local -a names; names=(${{(f)\"$({})\"}}); compadd -a names }}\n",
                       program.name, list.name, list.line);
  for (const auto& command : program.commands)
    if (!command.hidden) out += zsh_function(program, command);
  if (nameless(program)) return out + fmt::format("_{}_ \"$@\"\n", program.name);
  out += fmt::format("_{0}() {{\n  if ((CURRENT == 2)); then\n    local -a words_of_{0}=(", program.name);
  for (const auto& [word, says] : described_words(program))
    out += fmt::format("\n      {}", in_quotes(fmt::format("{}:{}", word, zsh_text(says))));
  out += fmt::format(")\n    _describe command words_of_{}\n    return\n  fi\n", program.name);
  for (auto noun : nouns(program))
    out += fmt::format(
        "  if [[ $words[2] == {0} ]]; then\n"
        "    if ((CURRENT == 3)) && [[ $words[3] != -* ]]; then compadd {1}; return; fi\n"
        "    local verb=${{words[3]//-/_}}\n"
        "    if (( $+functions[_{2}_{0}_$verb] )); then\n"
        "      shift 2 words; ((CURRENT -= 2)); _{2}_{0}_$verb; return\n    fi\n  fi\n",
        noun, verbs(program, noun), program.name);
  return out + fmt::format(
                   "  local command=${{words[2]//-/_}}\n  shift words; ((CURRENT--))\n"
                   "  (( $+functions[_{0}_$command] )) && _{0}_$command\n}}\n_{0} \"$@\"\n",
                   program.name);
}

std::string fish_completion(const Program& program) {
  auto out = fmt::format("# {1} fish > ~/.config/fish/completions/{0}.fish\n", program.name, asked(program));
  if (nameless(program)) return out + fish_lines(program, program.commands[0]);
  for (const auto& [word, says] : described_words(program))
    out += fmt::format("complete -c {} -n __fish_use_subcommand -f -a {} -d {}\n", program.name, word,
                       fish_quoted(says));
  for (auto noun : nouns(program))
    out += fmt::format(
        "complete -c {2} -n '__fish_seen_subcommand_from {0}; and not __fish_seen_subcommand_from {1}' -f "
        "-a '{1}'\n",
        noun, verbs(program, noun), program.name);
  for (const auto& command : program.commands)
    if (!command.hidden) out += fish_lines(program, command);
  return out;
}

std::string completion(const Program& program, std::string_view shell) {
  return shell == "bash"  ? bash_completion(program)
         : shell == "zsh" ? zsh_completion(program)
                          : fish_completion(program);
}

}  // namespace photon::command
