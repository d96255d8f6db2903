#include "devenv/spec/dockerfile.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include "devenv/core/name.hpp"
#include "devenv/core/text.hpp"

namespace photon::spec {
namespace {

constexpr std::size_t most_bytes = 1 << 20;
constexpr std::size_t most_instructions = 10'000;
constexpr std::string_view blanks = " \t\r\v\f";

std::string changed(std::string_view text, char from, char to) {
  std::string out(text);
  for (char& c : out)
    if (c >= from && c <= from + 25) c = static_cast<char>(c - from + to);
  return out;
}
std::string upper(std::string_view text) { return changed(text, 'a', 'A'); }
std::string lower(std::string_view text) { return changed(text, 'A', 'a'); }

/// Words between blanks.
std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  for (;;) {
    auto begin = text.find_first_not_of(blanks);
    if (begin == text.npos) return words;
    auto end = std::min(text.find_first_of(blanks, begin), text.size());
    words.push_back(text.substr(begin, end - begin));
    text.remove_prefix(end);
  }
}

std::string_view unquoted(std::string_view text) {
  if (text.size() >= 2 && (text.front() == '"' || text.front() == '\'') && text.back() == text.front())
    return text.substr(1, text.size() - 2);
  return text;
}

/// Lines of a text, counted.
class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text) {}
  std::optional<std::string_view> next() {
    if (text_.empty()) return std::nullopt;
    auto end = std::min(text_.find('\n'), text_.size());
    auto line = text_.substr(0, end);
    text_.remove_prefix(std::min(end + 1, text_.size()));
    ++number_;
    return line;
  }
  [[nodiscard]] unsigned number() const { return number_; }

 private:
  std::string_view text_;
  unsigned number_ = 0;
};

/// `# escape=X` in front of everything else.
char escape_of(std::string_view text) {
  Lines lines(text);
  while (auto line = lines.next()) {
    auto comment = trimmed(*line);
    if (!comment.starts_with('#')) break;
    comment = trimmed(comment.substr(1));
    auto equals = comment.find('=');
    if (equals == comment.npos) break;
    auto value = trimmed(comment.substr(equals + 1));
    if (lower(trimmed(comment.substr(0, equals))) == "escape" && (value == "`" || value == "\\"))
      return value[0];
  }
  return '\\';
}

/// The words that end the here-documents which a line begins.
std::vector<std::string> here_documents(std::string_view rest) {
  std::vector<std::string> ends;
  for (auto word : words_of(rest)) {
    auto at = word.find("<<");
    if (at == word.npos || word.find_first_not_of("0123456789") != at) continue;
    word.remove_prefix(at + 2);
    if (word.starts_with('-')) word.remove_prefix(1);
    auto name = unquoted(word);
    bool plain = !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
      return std::isalnum(c) != 0 || c == '_';
    });
    if (plain) ends.emplace_back(name);
  }
  return ends;
}

class Reader {
 public:
  explicit Reader(std::string_view text) : lines_(text), escape_(escape_of(text)) {}

  /// nullopt: the end.
  std::optional<Instruction> next() {
    while (auto line = lines_.next()) {
      auto text = trimmed(*line);
      if (text.empty() || text.starts_with('#')) continue;
      Instruction found{"", "", lines_.number()};
      auto whole = joined(text);
      auto end = std::min(whole.find_first_of(blanks), whole.size());
      found.word = upper(std::string_view(whole).substr(0, end));
      found.rest = trimmed(std::string_view(whole).substr(end));
      if (found.word == "RUN" || found.word == "COPY" || found.word == "ADD")
        for (const auto& name : here_documents(found.rest)) skip_to(name);
      return found;
    }
    return std::nullopt;
  }

 private:
  /// With the lines that it goes on in; comments and empty ones among them do not count.
  std::string joined(std::string_view text) {
    std::string whole;
    while (text.ends_with(escape_)) {
      whole += text.substr(0, text.size() - 1);
      std::optional<std::string_view> more;
      do {
        more = lines_.next();
      } while (more && (trimmed(*more).empty() || trimmed(*more).starts_with('#')));
      if (!more) return whole;
      text = *more;
      text = text.substr(0, text.find_last_not_of(blanks) + 1);
    }
    return whole.append(text);
  }

  void skip_to(std::string_view end) {
    while (auto line = lines_.next())
      if (trimmed(*line) == end) return;
  }

  Lines lines_;
  char escape_;
};

/// FROM [--platform=…] IMAGE [AS NAME]
BuildStage stage_of(const Instruction& from, std::size_t index) {
  auto words = words_of(from.rest);
  std::erase_if(words, [](std::string_view word) { return word.starts_with("--"); });
  BuildStage stage;
  stage.first = index;
  if (!words.empty()) stage.image = unquoted(words[0]);
  if (words.size() > 2 && upper(words[1]) == "AS") stage.name = lower(words[2]);
  return stage;
}

using Arguments = std::map<std::string, std::string>;

bool of_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

struct Expansion {
  std::string text;                  ///< nothing in the place of what has no value
  std::vector<std::string> missing;  ///< names of those
  bool known = true;                 ///< it has no form of a variable that is not ours to judge
};

/// $NAME, ${NAME}, ${NAME:-word} and ${NAME:+word}.
Expansion expand(std::string_view text, const Arguments& values) {
  Expansion out;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] != '$') {
      out.text += text[at++];
      continue;
    }
    bool braces = text.substr(at).starts_with("${");
    auto begin = at + (braces ? 2 : 1);
    auto end = begin;
    while (end < text.size() && of_name(text[end])) ++end;
    std::string name(text.substr(begin, end - begin));
    auto found = values.find(name);
    std::string value = found == values.end() ? "" : found->second;
    std::string_view more;
    at = end;
    if (braces) {
      auto close = text.find('}', end);
      if (close == text.npos) return {out.text, out.missing, false};
      more = text.substr(end, close - end);
      if (more.starts_with(":-") && value.empty()) value = more.substr(2);
      if (more.starts_with(":+") && !value.empty()) value = more.substr(2);
      at = close + 1;
    }
    bool ours = more.empty() || more.starts_with(":-") || more.starts_with(":+");
    if (value.empty() && (name.empty() || !ours)) out.known = false;
    if (value.empty()) out.missing.push_back(std::move(name));
    out.text += value;
  }
  return out;
}

/// The builder's own, which need no ARG.
bool is_of_platform(std::string_view name) {
  for (std::string_view whose : {"TARGET", "BUILD"})
    for (std::string_view what : {"PLATFORM", "OS", "ARCH", "VARIANT"})
      if (name.starts_with(whose) && name.substr(whose.size()) == what) return true;
  return false;
}

/// As builders have it, with nothing in the place of what has no value; nullopt: that leaves half a name, or
/// only the builder knows.
std::optional<std::string> expanded(std::string_view text, const Arguments& values) {
  auto out = expand(text, values);
  if (!out.known || std::any_of(out.missing.begin(), out.missing.end(), is_of_platform)) return std::nullopt;
  const bool half =
      out.text.empty() || std::string_view(":/@").find(out.text.back()) != std::string_view::npos;
  if (half) return std::nullopt;
  return std::move(out.text);
}

/// ARG NAME[=default] …, in front of the first FROM.
void add_argument(const Instruction& instruction, const Arguments& given, Arguments& values) {
  for (auto word : words_of(instruction.rest)) {
    auto equals = word.find('=');
    std::string name(word.substr(0, equals));
    if (auto found = given.find(name); found != given.end())
      values[name] = found->second;
    else if (equals != word.npos)
      values[name] = expanded(unquoted(word.substr(equals + 1)), values).value_or("");
  }
}

/// What COPY --from=X and RUN --mount=…,from=X name.
std::vector<std::string_view> named_by_options(const Instruction& instruction) {
  std::vector<std::string_view> names;
  for (auto word : words_of(instruction.rest)) {
    if (!word.starts_with("--")) break;
    if (instruction.word == "COPY" && word.starts_with("--from=")) names.push_back(word.substr(7));
    if (instruction.word != "RUN" || !word.starts_with("--mount=")) continue;
    for (auto rest = word.substr(8); !rest.empty();) {
      auto one = rest.substr(0, rest.find(','));
      rest.remove_prefix(std::min(one.size() + 1, rest.size()));
      if (one.starts_with("from=")) names.push_back(one.substr(5));
    }
  }
  return names;
}

}  // namespace

Result<Dockerfile> read_dockerfile(std::string_view text, const std::string& file) {
  if (text.size() > most_bytes)
    return fail(Kind::usage, "spec.dockerfile", fmt::format("{} is larger than 1 MiB", file));
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  Dockerfile found;
  Reader reader(text);
  while (auto instruction = reader.next()) {
    if (found.instructions.size() == most_instructions)
      return fail(Kind::usage, "spec.dockerfile",
                  fmt::format("{} has more than {} instructions", file, most_instructions));
    if (instruction->word == "FROM")
      found.stages.push_back(stage_of(*instruction, found.instructions.size()));
    if (!found.stages.empty()) ++found.stages.back().count;
    found.instructions.push_back(std::move(*instruction));
  }
  if (found.stages.empty())
    return fail_at({file, 1, 1}, Kind::usage, "spec.dockerfile", "the Dockerfile has no FROM",
                   "the least is FROM and an image's name");
  return found;
}

const BuildStage* find_stage(const Dockerfile& file, std::string_view target) {
  auto name = lower(target);
  for (const auto& stage : file.stages)
    if (!stage.name.empty() && stage.name == name) return &stage;
  bool number = !name.empty() && name.size() < 5 && name.find_first_not_of("0123456789") == name.npos;
  auto index = number ? std::stoul(name) : file.stages.size();
  return index < file.stages.size() ? &file.stages[index] : nullptr;
}

std::optional<BuildBase> base_of(const Dockerfile& file, std::string_view target,
                                 const Arguments& arguments) {
  Arguments values;
  for (const auto& instruction : file.instructions) {
    if (instruction.word == "FROM") break;
    if (instruction.word == "ARG") add_argument(instruction, arguments, values);
  }
  const auto* stage = target.empty() ? &file.stages.back() : find_stage(file, target);
  while (stage != nullptr) {
    auto name = expanded(unquoted(stage->image), values);
    if (!name || *name == "scratch") return std::nullopt;
    auto wanted = lower(*name);
    const auto* below = stage;
    while (below != file.stages.data() && (--below)->name != wanted) continue;
    if (below == stage || below->name != wanted)
      return BuildBase{*name, file.instructions[stage->first].line};
    stage = below;
  }
  return std::nullopt;
}

std::vector<Unresolved> unresolved_in(const Dockerfile& file, const Arguments& arguments) {
  Arguments values;
  std::set<std::string, std::less<>> declared;
  for (const auto& instruction : file.instructions) {
    if (instruction.word == "FROM") break;
    if (instruction.word != "ARG") continue;
    add_argument(instruction, arguments, values);
    for (auto word : words_of(instruction.rest)) declared.emplace(word.substr(0, word.find('=')));
  }
  std::vector<Unresolved> found;
  for (const auto& stage : file.stages) {
    auto out = expand(unquoted(stage.image), values);
    if (!out.known || out.missing.empty()) continue;
    if (std::any_of(out.missing.begin(), out.missing.end(), is_of_platform)) continue;
    const auto& variable = out.missing.front();
    found.push_back(
        {stage.image, out.text, variable, declared.contains(variable), file.instructions[stage.first].line});
  }
  return found;
}

std::vector<std::string> images_of(const Dockerfile& file, const Arguments& arguments) {
  Arguments values;
  std::vector<std::string> names;
  std::size_t stages = 0;
  auto add = [&](std::string_view written) {
    auto name = expanded(unquoted(written), values);
    if (!name || *name == "scratch") return;
    auto wanted = lower(*name);
    for (std::size_t i = 0; i < stages; ++i)
      if (file.stages[i].name == wanted) return;
    if (std::find(names.begin(), names.end(), *name) == names.end()) names.push_back(*name);
  };
  for (const auto& instruction : file.instructions) {
    if (instruction.word == "ARG" && stages == 0) add_argument(instruction, arguments, values);
    if (instruction.word == "FROM") {
      add(file.stages[stages].image);
      ++stages;
    }
    for (auto name : named_by_options(instruction))
      if (name.find_first_not_of("0123456789") != name.npos) add(name);
  }
  return names;
}

}  // namespace photon::spec
