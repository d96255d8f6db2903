// Tokens of JSON with comments, faults included.
#pragma once
#include <string>
#include <string_view>

namespace photon::spec::reference {

enum class Token {
  open_brace,
  close_brace,
  open_bracket,
  close_bracket,
  comma,
  colon,
  null,
  yes,
  no,
  text,
  number,
  line_comment,
  block_comment,
  blank,
  unknown,
  end,
};

/// Blanks and comments are tokens, too. `fault` says what is wrong with the one that was read.
class Tokens {
 public:
  explicit Tokens(std::string_view text) : text_(text) {}
  Token next();

  [[nodiscard]] Token token() const { return token_; }
  [[nodiscard]] const std::string& value() const { return value_; }  ///< of a text or a number
  [[nodiscard]] std::string_view fault() const { return fault_; }    ///< empty: none
  [[nodiscard]] unsigned line() const { return line_; }              ///< where it begins
  [[nodiscard]] unsigned column() const;
  [[nodiscard]] std::size_t begin() const { return begin_; }  ///< in bytes
  [[nodiscard]] std::size_t end() const { return at_; }

 private:
  Token read();
  Token comment();
  Token line_break();
  Token word();
  Token number();
  void digits();
  void text();
  void escape(std::u16string& out);
  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  [[nodiscard]] bool ended() const { return at_ >= text_.size(); }
  void begin_line() { ++last_line_, line_begin_ = at_; }

  std::string_view text_;
  std::size_t at_ = 0;
  Token token_ = Token::unknown;
  std::string value_;
  std::string_view fault_;
  std::size_t begin_ = 0;       ///< of the token
  unsigned line_ = 1;           ///< of its begin
  std::size_t of_line_ = 0;     ///< where that line begins
  unsigned last_line_ = 1;      ///< of `at_`
  std::size_t line_begin_ = 0;  ///< of `at_`
};

}  // namespace photon::spec::reference
