#include "devenv/spec/reference/dockerfile.hpp"

#include <set>

namespace photon::spec::reference {
namespace {

bool space(char c) { return std::string_view(" \t\n\r\v\f").find(c) != std::string_view::npos; }
bool breaks(char c) { return c == '\n' || c == '\r'; }
bool named(char c) { return c == '_' || (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'); }

/// Reads one text from left to right, case of words ignored.
class Reader {
 public:
  explicit Reader(std::string_view text, std::size_t at = 0) : text_(text), at_(at) {}
  [[nodiscard]] std::size_t at() const { return at_; }
  [[nodiscard]] bool ended() const { return at_ >= text_.size(); }
  [[nodiscard]] char peek() const { return ended() ? '\0' : text_[at_]; }
  bool spaces() {
    auto begin = at_;
    while (!ended() && space(peek())) ++at_;
    return at_ > begin;
  }
  bool word(std::string_view wanted) {
    if (text_.size() - at_ < wanted.size()) return false;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      char c = text_[at_ + i];
      if ((c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c) != wanted[i]) return false;
    }
    at_ += wanted.size();
    return true;
  }
  /// All up to a blank, or one of `ends`.
  std::string_view solid(std::string_view ends = {}) {
    auto begin = at_;
    while (!ended() && !space(peek()) && ends.find(peek()) == ends.npos) ++at_;
    return text_.substr(begin, at_ - begin);
  }
  void back_to(std::size_t at) { at_ = at; }

 private:
  std::string_view text_;
  std::size_t at_;
};

std::string unquoted(std::string_view text) {
  auto quote = [](char c) { return c == '"' || c == '\''; };
  if (!text.empty() && quote(text.front())) text.remove_prefix(1);
  if (!text.empty() && quote(text.back())) text.remove_suffix(1);
  return std::string(text);
}

/// Where a line begins with FROM, blanks before it allowed.
bool begins_stage(std::string_view text, std::size_t line) {
  while (line < text.size() && (text[line] == ' ' || text[line] == '\t')) ++line;
  return Reader(text, line).word("FROM");
}

/// `FROM [--platform=P] IMAGE [AS LABEL]`
void read_from(std::string_view part, BuildStage& stage) {
  Reader reader(part);
  reader.spaces();
  if (!reader.word("FROM") || !reader.spaces()) return;
  auto begin = reader.at();
  if (reader.word("--PLATFORM=")) {
    reader.solid();
    auto platform = reader.at();
    if (!reader.spaces() || reader.ended()) reader.back_to(platform), reader.back_to(begin);
  }
  auto image = reader.solid();
  if (image.empty()) return;
  stage.image = unquoted(image);
  if (!reader.spaces() || !reader.word("AS") || !reader.spaces()) return;
  stage.label = reader.solid();
}

/// The value of `NAME=VALUE` or `NAME VALUE`: one word, its quotes taken off if it has a pair.
std::optional<std::string> read_value(Reader& reader) {
  auto before = reader.at();
  while (!reader.ended() && (reader.peek() == ' ' || reader.peek() == '=')) reader.back_to(reader.at() + 1);
  if (reader.at() == before) return std::nullopt;
  auto word = reader.solid();
  if (word.empty()) {
    reader.back_to(before);
    return std::nullopt;
  }
  if (word.front() == '"')
    if (auto end = word.rfind('"'); end > 1) return std::string(word.substr(1, end - 1));
  return std::string(word);
}

std::vector<Instruction> read_instructions(std::string_view part) {
  std::vector<Instruction> found;
  for (std::size_t line = 0; line < part.size();) {
    Reader reader(part, line);
    reader.spaces();
    for (std::string_view word : {"ARG", "ENV", "USER"}) {
      auto begin = reader.at();
      if (reader.word(word) && reader.spaces())
        if (auto name = reader.solid("="); !name.empty()) {
          found.push_back({std::string(word), std::string(name), read_value(reader)});
          break;
        }
      reader.back_to(begin);
    }
    line = std::max(line, reader.at());
    while (line < part.size() && !breaks(part[line])) ++line;
    while (line < part.size() && breaks(part[line])) ++line;
  }
  return found;
}

/// The values of variables, as far as the reference follows them.
class Variables {
 public:
  Variables(const Dockerfile& file, const Value& arguments,
            const std::map<std::string, std::string>& platform)
      : file_(file), arguments_(arguments), platform_(platform) {}

  /// $NAME, ${NAME}, ${NAME:-word} and ${NAME:+word} of a text that stands in front of the `before`th
  /// instruction of the preamble.
  std::string expanded(std::string_view text, std::size_t before) const {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
      auto next = at + 1;
      if (text[at] == '$' && next < text.size() && text[next] == '{') ++next;
      auto end = next;
      while (end < text.size() && named(text[end])) ++end;
      if (text[at] != '$' || end == next) {
        out += text[at++];
        continue;
      }
      auto value = value_of(text.substr(next, end - next), before);
      at = end;
      if (auto rest = text.substr(at);
          rest.size() > 2 && rest[0] == ':' && (rest[1] == '-' || rest[1] == '+') && rest[2] != '}') {
        auto word = rest.substr(2, rest.find('}') - 2);
        value = unquoted((rest[1] == '-') == value.empty() ? std::string(word) : value);
        at += 2 + word.size();
      }
      if (at < text.size() && text[at] == '}') ++at;
      out += value;
    }
    return out;
  }

 private:
  [[nodiscard]] std::string value_of(std::string_view name, std::size_t before) const {
    // Values that name each other twice would double at each step.
    if (left_ == 0) return {};
    --left_;
    const Value given = arguments_.at(name);
    for (auto i = std::min(before, file_.preamble.size()); i-- > 0;) {
      const auto& [word, known, value] = file_.preamble[i];
      if (known != name || word == "USER") continue;
      if (word == "ARG" && given.text()) return expanded(*given.text(), i);
      if (word == "ARG" && (!given.nothing() || !value)) continue;
      return expanded(value.value_or(""), i);
    }
    auto found = platform_.find(std::string(name));
    return found == platform_.end() ? std::string() : found->second;
  }

  const Dockerfile& file_;
  const Value& arguments_;
  const std::map<std::string, std::string>& platform_;
  mutable unsigned left_ = 1000;  ///< look-ups
};

}  // namespace

Dockerfile read_dockerfile(std::string_view text) {
  std::vector<std::size_t> begins;
  for (std::size_t line = 0; line < text.size(); ++line)
    if ((line == 0 || breaks(text[line - 1])) && begins_stage(text, line)) begins.push_back(line);
  Dockerfile file;
  file.preamble = read_instructions(text.substr(0, begins.empty() ? text.size() : begins[0]));
  for (std::size_t i = 0; i < begins.size(); ++i) {
    auto end = i + 1 < begins.size() ? begins[i + 1] : text.size();
    auto part = text.substr(begins[i], end - begins[i]);
    auto& stage = file.stages.emplace_back();
    read_from(part, stage);
    stage.instructions = read_instructions(part);
  }
  return file;
}

Result<std::optional<std::string>> base_image(const Dockerfile& file, const Value& arguments,
                                              const Value& target,
                                              const std::map<std::string, std::string>& platform) {
  std::map<std::string, const BuildStage*> labelled;
  for (const auto& stage : file.stages)
    if (!stage.label.empty()) labelled[stage.label] = &stage;
  auto find = [&](const std::string& label) -> const BuildStage* {
    auto found = labelled.find(label);
    return found == labelled.end() ? nullptr : found->second;
  };
  const BuildStage* stage = file.stages.empty() ? nullptr : &file.stages.back();
  if (target.truthy()) stage = find(target.to_text());
  Variables variables(file, arguments, platform);
  std::set<const BuildStage*> seen;
  while (stage && seen.insert(stage).second) {
    auto image = variables.expanded(stage->image, file.preamble.size());
    stage = find(image);
    if (!stage) return std::optional(image);
  }
  return std::optional<std::string>();
}

}  // namespace photon::spec::reference
