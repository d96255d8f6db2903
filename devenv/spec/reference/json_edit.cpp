#include "devenv/spec/reference/json_edit.hpp"

#include <algorithm>
#include <vector>

#include "devenv/spec/reference/tokens.hpp"

namespace photon::spec::reference {
namespace {

struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
};

struct Member {
  std::string name;
  Span value;
};

struct ObjectSpan {
  Span whole;
  std::vector<Member> members;
};

/// Where things are in a document. It is read by the tolerant reader before: here faults only end the search.
class Finder {
 public:
  explicit Finder(std::string_view text) : tokens_(text) { next(); }

  /// The object that begins here.
  std::optional<ObjectSpan> object() {
    if (tokens_.token() != Token::open_brace) return std::nullopt;
    ObjectSpan found{{tokens_.begin(), 0}, {}};
    next();
    while (tokens_.token() != Token::close_brace && tokens_.token() != Token::end) {
      if (tokens_.token() != Token::text) {
        next();
        continue;
      }
      auto name = tokens_.value();
      if (next() != Token::colon) continue;
      next();
      auto begin = tokens_.begin();
      found.members.push_back({std::move(name), {begin, skip_value()}});
    }
    if (tokens_.token() != Token::close_brace) return std::nullopt;
    found.whole.end = tokens_.end();
    return found;
  }

 private:
  Token next() {
    Token token = tokens_.next();
    while (token == Token::blank || token == Token::line_comment || token == Token::block_comment)
      token = tokens_.next();
    return token;
  }

  /// Gives its end, and stands behind it.
  std::size_t skip_value() {
    int depth = 0;
    for (;;) {
      auto token = tokens_.token();
      if (token == Token::end) return tokens_.begin();
      bool opens = token == Token::open_brace || token == Token::open_bracket;
      bool closes = token == Token::close_brace || token == Token::close_bracket;
      if (closes && depth == 0) return tokens_.begin();
      if (opens) ++depth;
      if (closes) --depth;
      auto end = tokens_.end();
      next();
      if (depth == 0) return end;
    }
  }

  Tokens tokens_;
};

bool line_end(char c) { return c == '\n' || c == '\r'; }

std::string_view line_break_of(std::string_view text) {
  auto at = text.find_first_of("\r\n");
  if (at == text.npos || text[at] == '\n') return "\n";
  return at + 1 < text.size() && text[at + 1] == '\n' ? "\r\n" : "\r";
}

struct Change {
  Span at;
  std::string text;
};

/// Lays out a part of a document: a tab for each level, a line for each member.
class Layout {
 public:
  Layout(std::string_view document, Span part) : document_(document), part_(part) {
    begin_ = part.begin;
    while (begin_ > 0 && !line_end(document[begin_ - 1])) --begin_;
    auto end = part.end;
    while (end < document.size() && !line_end(document[end])) ++end;
    text_ = document.substr(begin_, end - begin_);
    tokens_ = Tokens(text_);
    first_level_ = level_of(text_);
    line_break_ = line_break_of(document);
  }

  std::vector<Change> changes() {
    auto first = scan();
    if (first != Token::end) put(std::string(first_level_, '\t'), begin_, at_begin());
    while (first != Token::end) {
      auto first_end = at_end();
      auto second = scan();
      std::string between;
      bool needs_break = false;
      while (breaks_ == 0 && is_comment(second)) {
        put(" ", first_end, at_begin());
        first_end = at_end();
        needs_break = second == Token::line_comment;
        between = needs_break ? new_line() : "";
        second = scan();
      }
      put(wanted(first, second, needs_break, std::move(between)), first_end, at_begin());
      first = second;
    }
    return std::move(changes_);
  }

 private:
  static bool is_comment(Token token) {
    return token == Token::line_comment || token == Token::block_comment;
  }

  static std::size_t level_of(std::string_view text) {
    std::size_t columns = 0;
    for (char c : text) {
      if (c != ' ' && c != '\t') break;
      columns += c == '\t' ? 4 : 1;
    }
    return columns / 4;
  }

  Token scan() {
    auto token = tokens_.next();
    breaks_ = 0;
    for (; token == Token::blank; token = tokens_.next())
      if (text_.substr(tokens_.begin(), tokens_.end() - tokens_.begin()).find_first_of("\r\n") != text_.npos)
        breaks_ = 1;
    faulty_ = token == Token::unknown || !tokens_.fault().empty();
    return token;
  }

  std::size_t at_begin() const { return begin_ + tokens_.begin(); }
  std::size_t at_end() const { return begin_ + tokens_.end(); }

  std::string new_line() const { return std::string(line_break_) + std::string(first_level_ + level_, '\t'); }

  std::string wanted(Token first, Token second, bool needs_break, std::string between) {
    bool comment = is_comment(second);
    if (second == Token::close_brace || second == Token::close_bracket) {
      auto opener = second == Token::close_brace ? Token::open_brace : Token::open_bracket;
      if (first == opener) return between;
      if (level_ > 0)
        --level_;
      else if (first_level_ > 0)
        --first_level_;
      return new_line();
    }
    switch (first) {
      case Token::open_bracket:
      case Token::open_brace:
        ++level_;
        between = new_line();
        break;
      case Token::comma:
      case Token::line_comment:
        between = new_line();
        break;
      case Token::block_comment:
        if (breaks_ > 0)
          between = new_line();
        else if (!needs_break)
          between = " ";
        break;
      case Token::colon:
        if (!needs_break) between = " ";
        break;
      case Token::text:
        if (second == Token::colon && !needs_break) between = "";
        break;
      case Token::null:
      case Token::yes:
      case Token::no:
      case Token::number:
      case Token::close_brace:
      case Token::close_bracket:
        if (comment) {
          if (!needs_break) between = " ";
        } else if (second != Token::comma && second != Token::end) {
          faulty_ = true;
        }
        break;
      default:
        faulty_ = true;
        break;
    }
    if (breaks_ > 0 && comment) between = new_line();
    return second == Token::end ? "" : between;
  }

  /// Only what touches the part, and nothing where the text is broken.
  void put(const std::string& text, std::size_t begin, std::size_t end) {
    if (faulty_ || begin >= part_.end || end <= part_.begin) return;
    if (document_.substr(begin, end - begin) != text) changes_.push_back({{begin, end}, text});
  }

  std::string_view document_;
  Span part_;
  std::size_t begin_ = 0;
  std::string_view text_;
  Tokens tokens_{""};
  std::size_t first_level_ = 0;
  std::size_t level_ = 0;
  std::string_view line_break_;
  int breaks_ = 0;
  bool faulty_ = false;
  std::vector<Change> changes_;
};

std::string laid_out(std::string document, Span part, bool whole_lines) {
  if (whole_lines) {
    while (part.begin > 0 && !line_end(document[part.begin - 1])) --part.begin;
    while (part.end < document.size() && !line_end(document[part.end])) ++part.end;
  }
  auto changes = Layout(document, part).changes();
  for (auto change = changes.rbegin(); change != changes.rend(); ++change)
    document.replace(change->at.begin, change->at.end - change->at.begin, change->text);
  return document;
}

}  // namespace

Result<std::string> with_member(std::string_view document, std::string_view holder, std::string_view name,
                                const Value& value) {
  auto found = Finder(document).object();
  if (found && !holder.empty()) {
    auto member = std::find_if(found->members.begin(), found->members.end(),
                               [&](const auto& one) { return one.name == holder; });
    if (member == found->members.end()) {
      Object inner;
      inner.set(name, value);
      return with_member(document, "", holder, inner);
    }
    auto offset = member->value.begin;
    auto inside = Finder(document.substr(offset, member->value.end - offset)).object();
    if (inside) {
      for (auto& one : inside->members) one.value = {one.value.begin + offset, one.value.end + offset};
      inside->whole = {inside->whole.begin + offset, inside->whole.end + offset};
    }
    found = std::move(inside);
  }
  if (!found) return type_error(fmt::format("Can not add property to what is no object: {}", holder));
  auto known = std::find_if(found->members.begin(), found->members.end(),
                            [&](const auto& one) { return one.name == name; });
  std::string text(document);
  if (known != found->members.end()) {
    auto content = write(value);
    text.replace(known->value.begin, known->value.end - known->value.begin, content);
    return laid_out(std::move(text), {known->value.begin, known->value.begin + content.size()}, false);
  }
  auto content = fmt::format("{}{}: {}", found->members.empty() ? "" : ",", write(Value(name)), write(value));
  auto at = found->members.empty() ? found->whole.begin + 1 : found->members.back().value.end;
  text.insert(at, content);
  return laid_out(std::move(text), {at, at + content.size()}, true);
}

}  // namespace photon::spec::reference
