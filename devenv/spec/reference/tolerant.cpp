#include "devenv/spec/reference/tolerant.hpp"

#include "devenv/spec/reference/tokens.hpp"

namespace photon::spec::reference {
namespace {

constexpr int most_levels = 500;
constexpr std::size_t most_diagnostics = 20;

class Parser {
 public:
  explicit Parser(std::string_view text) : tokens_(text) {}

  Result<Parsed> document() {
    next();
    if (tokens_.token() == Token::end) {
      wrong("a value is missing");
      return std::move(parsed_);
    }
    if (auto read = value())
      parsed_.value = std::move(*read);
    else
      wrong("a value is missing");
    if (!too_deep_ && tokens_.token() != Token::end) wrong("this stands behind the end");
    if (too_deep_)
      return fail(Kind::failed, "reference.depth",
                  fmt::format("more than {} levels of brackets", most_levels));
    return std::move(parsed_);
  }

 private:
  void wrong(std::string_view message) {
    if (parsed_.diagnostics.size() < most_diagnostics)
      parsed_.diagnostics.push_back({std::string(message), tokens_.line(), tokens_.column()});
  }

  /// The next token that means something.
  Token next() {
    for (;;) {
      auto token = tokens_.next();
      if (!tokens_.fault().empty()) wrong(tokens_.fault());
      if (token == Token::line_comment || token == Token::block_comment)
        parsed_.relaxed = true;
      else if (token == Token::unknown)
        wrong("this is no value");
      else if (token != Token::blank)
        return token;
    }
  }

  /// Says what is wrong and goes on at a comma or the `end` of the object or list.
  void wrong_until(std::string_view message, Token end) {
    wrong(message);
    for (auto token = tokens_.token(); token != Token::end && token != end && token != Token::comma;)
      token = next();
  }

  std::optional<Value> value() {
    Value made;
    switch (tokens_.token()) {
      case Token::open_brace:
        return object();
      case Token::open_bracket:
        return list();
      case Token::text:
        made = tokens_.value();
        break;
      case Token::number:
        made = number_of(tokens_.value());
        break;
      case Token::null:
        made = nullptr;
        break;
      case Token::yes:
      case Token::no:
        made = tokens_.token() == Token::yes;
        break;
      default:
        return std::nullopt;
    }
    next();
    return made;
  }

  /// In front of a member or item: a comma where one is needed, and none where not. False past the last one.
  bool comma(bool needed, Token end) {
    if (tokens_.token() == Token::comma) {
      if (!needed) wrong("a value is missing");
      if (next() != end) return true;
      parsed_.relaxed = true;
      return false;
    }
    if (needed) wrong("a ',' is missing");
    return true;
  }

  void close(Token end, std::string_view message) {
    --level_;
    if (tokens_.token() == end) {
      next();
      return;
    }
    wrong(message);  // the text has ended
  }

  bool enter() {
    if (++level_ > most_levels) too_deep_ = true;
    next();
    return !too_deep_;
  }
  [[nodiscard]] bool inside(Token end) const {
    return !too_deep_ && tokens_.token() != end && tokens_.token() != Token::end;
  }

  bool member(Object& members) {
    if (tokens_.token() != Token::text) {
      wrong_until("a name in quotes is missing", Token::close_brace);
      return false;
    }
    auto name = tokens_.value();
    if (next() != Token::colon) {
      wrong_until("a ':' is missing", Token::close_brace);
      return true;
    }
    next();
    auto read = value();
    if (!read)
      wrong_until("a value is missing", Token::close_brace);
    else if (name != "__proto__")  // JavaScript takes it for the object's ancestor
      members.set(name, std::move(*read));
    return true;
  }

  Value object() {
    Object members;
    if (enter())
      for (bool needed = false; inside(Token::close_brace); needed = true) {
        if (!comma(needed, Token::close_brace)) break;
        if (!member(members) && tokens_.token() != Token::close_brace && tokens_.token() != Token::comma)
          wrong_until("a value is missing", Token::close_brace);
      }
    close(Token::close_brace, "the '}' is missing");
    return members;
  }

  Value list() {
    List items;
    if (enter())
      for (bool needed = false; inside(Token::close_bracket); needed = true) {
        if (!comma(needed, Token::close_bracket)) break;
        if (auto read = value())
          items.push_back(std::move(*read));
        else if (!too_deep_)
          wrong_until("a value is missing", Token::close_bracket);
      }
    close(Token::close_bracket, "the ']' is missing");
    return items;
  }

  Tokens tokens_;
  Parsed parsed_;
  int level_ = 0;
  bool too_deep_ = false;
};

}  // namespace

Result<Parsed> parse_tolerant(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  return Parser(text).document();
}

Result<Value> parse_strict(std::string_view text) {
  PHOTON_TRY(auto parsed, parse_tolerant(text));
  if (!parsed.diagnostics.empty()) {
    const auto& first = parsed.diagnostics.front();
    return fail(Kind::failed, "reference.json",
                fmt::format("{}:{}: {}", first.line, first.column, first.message));
  }
  if (parsed.relaxed) return fail(Kind::failed, "reference.json", "JSON has no comments and trailing commas");
  return std::move(parsed.value);
}

}  // namespace photon::spec::reference
