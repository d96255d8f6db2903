#include "devenv/spec/reference/tokens.hpp"

#include "devenv/spec/reference/text.hpp"

namespace photon::spec::reference {
namespace {

bool digit(char c) { return c >= '0' && c <= '9'; }
bool breaks(char c) { return c == '\n' || c == '\r'; }
bool blank(char c) { return c == ' ' || c == '\t'; }
bool ends_word(char c) {
  return blank(c) || breaks(c) || std::string_view("{}[]\":,/").find(c) != std::string_view::npos;
}

int hexadecimal(char c) {
  if (digit(c)) return c - '0';
  c = static_cast<char>(c | 0x20);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

}  // namespace

unsigned Tokens::column() const {
  unsigned column = 1;
  for (auto at = of_line_; at < begin_; ++at)
    if ((static_cast<unsigned char>(text_[at]) & 0xc0) != 0x80) ++column;
  return column;
}

Token Tokens::next() {
  value_.clear();
  fault_ = {};
  begin_ = at_;
  line_ = last_line_;
  of_line_ = line_begin_;
  return token_ = ended() ? Token::end : read();
}

Token Tokens::read() {
  char c = peek();
  if (blank(c)) {
    while (blank(peek())) ++at_;
    return Token::blank;
  }
  if (breaks(c)) return line_break();
  constexpr std::string_view signs = "{}[],:";
  if (auto sign = signs.find(c); sign != signs.npos) {
    ++at_;
    return static_cast<Token>(sign);
  }
  if (c == '"') {
    ++at_;
    text();
    return Token::text;
  }
  if (c == '/') return comment();
  if (c == '-') {
    value_ = c;
    ++at_;
    return digit(peek()) ? number() : Token::unknown;
  }
  return digit(c) ? number() : word();
}

Token Tokens::line_break() {
  if (peek() == '\r' && peek(1) == '\n') ++at_;
  ++at_;
  begin_line();
  return Token::blank;
}

Token Tokens::comment() {
  if (peek(1) == '/') {
    while (!ended() && !breaks(peek())) ++at_;
    return Token::line_comment;
  }
  if (peek(1) != '*') {
    ++at_;
    return Token::unknown;
  }
  for (at_ += 2; at_ + 1 < text_.size();) {
    if (peek() == '*' && peek(1) == '/') {
      at_ += 2;
      return Token::block_comment;
    }
    char c = text_[at_++];
    if (!breaks(c)) continue;
    if (c == '\r' && peek() == '\n') ++at_;
    begin_line();
  }
  at_ = text_.size();
  fault_ = "this comment does not end";
  return Token::block_comment;
}

Token Tokens::word() {
  auto begin = at_;
  while (!ended() && !ends_word(peek())) ++at_;
  auto read = text_.substr(begin, at_ - begin);
  if (read == "true") return Token::yes;
  if (read == "false") return Token::no;
  if (read == "null") return Token::null;
  return Token::unknown;
}

void Tokens::digits() {
  while (digit(peek())) ++at_;
}

Token Tokens::number() {
  auto begin = at_;
  auto keep = [&](std::size_t end) {
    value_ += text_.substr(begin, end - begin);
    return Token::number;
  };
  if (peek() == '0')
    ++at_;
  else
    digits();
  if (peek() == '.') {
    ++at_;
    if (!digit(peek())) {
      fault_ = "this number lacks digits";
      return keep(at_);
    }
    digits();
  }
  auto end = at_;
  if ((peek() | 0x20) == 'e') {
    ++at_;
    if (peek() == '+' || peek() == '-') ++at_;
    if (digit(peek())) {
      digits();
      end = at_;
    } else {
      fault_ = "this number lacks digits";
    }
  }
  return keep(end);
}

void Tokens::text() {
  std::u16string units;
  auto begin = at_;
  auto take = [&] { units += code_units(text_.substr(begin, at_ - begin)); };
  for (;;) {
    if (ended() || breaks(peek())) {
      take();
      fault_ = "this text does not end";
      break;
    }
    char c = peek();
    if (c == '"') {
      take();
      ++at_;
      break;
    }
    if (c == '\\') {
      take();
      ++at_;
      if (ended()) {
        fault_ = "this text does not end";
        break;
      }
      escape(units);
      begin = at_;
      continue;
    }
    if (static_cast<unsigned char>(c) < 0x20) fault_ = "a control character in a text";
    ++at_;
  }
  value_ = from_code_units(units);
}

void Tokens::escape(std::u16string& out) {
  constexpr std::string_view letters = "\"\\/bfnrt", meanings = "\"\\/\b\f\n\r\t";
  char c = text_[at_];
  if (c != 'u') {
    // A whole character, so that the rest of it is not taken for a text of its own.
    at_ += std::max<std::size_t>(1, character_length(text_, at_));
    if (auto which = letters.find(c); which != letters.npos)
      out += static_cast<char16_t>(meanings[which]);
    else
      fault_ = "unknown escape in a text";
    return;
  }
  ++at_;
  unsigned code = 0, count = 0;
  for (int value = 0; count < 4 && !ended() && (value = hexadecimal(peek())) >= 0; ++count, ++at_)
    code = code * 16 + static_cast<unsigned>(value);
  if (count == 4)
    out += static_cast<char16_t>(code);
  else
    fault_ = "\\u takes four hexadecimal digits";
}

}  // namespace photon::spec::reference
