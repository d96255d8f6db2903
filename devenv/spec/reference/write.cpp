// Values as text: numbers and JSON, to the letter as JavaScript writes them.
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "devenv/core/utf8.hpp"
#include "devenv/spec/reference/text.hpp"
#include "devenv/spec/reference/value.hpp"

namespace photon::spec::reference {
namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr double infinite = std::numeric_limits<double>::infinity();

/// Blanks of JavaScript that can stand around a number.
std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\n\r\v\f";
  constexpr std::string_view wide[] = {"\xef\xbb\xbf", "\xc2\xa0", "\xe2\x80\xa8", "\xe2\x80\xa9"};
  for (bool again = true; again;) {
    again = false;
    auto begin = text.find_first_not_of(blanks);
    if (begin == text.npos) return {};
    text = text.substr(begin, text.find_last_not_of(blanks) + 1 - begin);
    for (auto blank : wide) {
      if (text.starts_with(blank)) text.remove_prefix(blank.size()), again = true;
      if (text.ends_with(blank)) text.remove_suffix(blank.size()), again = true;
    }
  }
  return text;
}

bool digit(char c) { return c >= '0' && c <= '9'; }

double in_base(std::string_view digits, unsigned base) {
  double number = 0;
  if (digits.empty()) return not_a_number;
  for (char c : digits) {
    unsigned value = digit(c) ? static_cast<unsigned>(c - '0') : static_cast<unsigned>((c | 0x20) - 'a' + 10);
    if ((!digit(c) && ((c | 0x20) < 'a' || (c | 0x20) > 'z')) || value >= base) return not_a_number;
    number = number * base + value;
  }
  return number;
}

double decimal(std::string_view text) {
  bool minus = text.starts_with('-');
  if (minus || text.starts_with('+')) text.remove_prefix(1);
  if (text == "Infinity") return minus ? -infinite : infinite;
  bool digits = text.size() > 1 && text[0] == '.' ? digit(text[1]) : !text.empty() && digit(text[0]);
  if (!digits) return not_a_number;
  std::string whole(text);
  // from_chars wants a digit after an exponent as JavaScript does, and takes "1." and ".5".
  double number = 0;
  auto read = std::from_chars(whole.data(), whole.data() + whole.size(), number);
  if (read.ptr != whole.data() + whole.size()) return not_a_number;
  if (read.ec == std::errc::result_out_of_range) {
    auto exponent = whole.find_first_of("eE");
    bool small = exponent != whole.npos && whole.find('-', exponent) != whole.npos;
    number = small ? 0 : infinite;
  }
  return minus ? -number : number;
}

void quote(std::string& out, const std::string& text) {
  constexpr std::string_view letters = "btn\0fr", digits = "0123456789abcdef";
  auto escape = [&](char32_t code) {
    out += "\\u";
    for (int shift = 12; shift >= 0; shift -= 4) out += digits[(code >> shift) & 0xf];
  };
  out += '"';
  for (std::size_t at = 0; at < text.size();) {
    auto length = character_length(text, at);
    auto code = length == 0 ? 0xfffd : character_at(text, at, length);
    if (code == '"' || code == '\\') {
      out += '\\';
      out += static_cast<char>(code);
    } else if (code >= 8 && code <= 13 && code != 11) {
      out += '\\';
      out += letters[code - 8];
    } else if (code < 0x20 || (code >= 0xd800 && code < 0xe000)) {
      escape(code);
    } else {
      append_utf8(out, code);
    }
    at += std::max<std::size_t>(1, length);
  }
  out += '"';
}

/// Values one after the other, each on a line of its own if there is an indent.
class Writer {
 public:
  explicit Writer(unsigned indent) : indent_(indent) {}

  void put(const Value& value) {
    if (value.nothing()) {
      out_ += "null";
    } else if (const auto* number = value.number()) {
      out_ += std::isfinite(*number) ? number_text(*number) : "null";
    } else if (const auto* text = value.text()) {
      quote(out_, *text);
    } else if (const auto* object = value.object()) {
      put_members(*object);
    } else if (const auto* list = value.list()) {
      put_items(*list);
    } else {
      out_ += *value.flag() ? "true" : "false";
    }
  }

  std::string take() { return std::move(out_); }

 private:
  void put_members(const Object& object) {
    bool first = true;
    out_ += '{';
    ++depth_;
    object.each([&](const std::string& name, const Value& value) {
      if (value.undefined()) return;
      begin_item(first);
      quote(out_, name);
      out_ += indent_ > 0 ? ": " : ":";
      put(value);
    });
    end_items(first, '}');
  }

  void put_items(const List& list) {
    bool first = true;
    out_ += '[';
    ++depth_;
    for (const auto& item : list) {
      begin_item(first);
      put(item);
    }
    end_items(first, ']');
  }

  void begin_item(bool& first) {
    if (!std::exchange(first, false)) out_ += ',';
    new_line();
  }

  void end_items(bool empty, char end) {
    --depth_;
    if (!empty) new_line();
    out_ += end;
  }

  void new_line() {
    if (indent_ > 0) out_ += "\n" + std::string(std::size_t{indent_} * depth_, ' ');
  }

  std::string out_;
  unsigned indent_;
  unsigned depth_ = 0;
};

}  // namespace

std::string number_text(double number) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number < 0 ? "-Infinity" : "Infinity";
  if (number == 0) return "0";
  std::array<char, 40> room{};
  auto made =
      std::to_chars(room.data(), room.data() + room.size(), std::fabs(number), std::chars_format::scientific);
  std::string_view text(room.data(), static_cast<std::size_t>(made.ptr - room.data()));
  auto e = text.find('e');
  int exponent = 0;
  auto power = text.substr(e + (text[e + 1] == '+' ? 2 : 1));
  std::from_chars(power.data(), power.data() + power.size(), exponent);
  std::string digits;
  for (char c : text.substr(0, e))
    if (c != '.') digits += c;
  int count = static_cast<int>(digits.size()), point = exponent + 1;  // digits in front of the point
  std::string out = number < 0 ? "-" : "";
  if (point > 21 || point <= -6) {
    out += digits[0];
    if (count > 1) out += "." + digits.substr(1);
    return fmt::format("{}e{}{}", out, exponent < 0 ? '-' : '+', std::abs(exponent));
  }
  if (point <= 0) return out + "0." + std::string(static_cast<std::size_t>(-point), '0') + digits;
  if (count <= point) return out + digits + std::string(static_cast<std::size_t>(point - count), '0');
  auto whole = static_cast<std::size_t>(point);
  return out + digits.substr(0, whole) + "." + digits.substr(whole);
}

double number_of(std::string_view text) {
  text = trimmed(text);
  if (text.empty()) return 0;
  if (text.size() > 1 && text[0] == '0') {
    char base = static_cast<char>(text[1] | 0x20);
    if (base == 'x' || base == 'o' || base == 'b')
      return in_base(text.substr(2), base == 'x' ? 16 : base == 'o' ? 8 : 2);
  }
  return decimal(text);
}

double leading_integer(std::string_view text) {
  text = trimmed(text);
  bool minus = text.starts_with('-');
  if (minus || text.starts_with('+')) text.remove_prefix(1);
  unsigned base = 10;
  if (text.size() > 1 && text[0] == '0' && (text[1] | 0x20) == 'x') base = 16, text.remove_prefix(2);
  std::size_t length = 0;
  while (length < text.size() && !std::isnan(in_base(text.substr(length, 1), base))) ++length;
  auto number = in_base(text.substr(0, length), base);
  return minus ? -number : number;
}

std::string write_indented(const Value& value, unsigned indent) {
  Writer writer(indent);
  writer.put(value);
  return writer.take();
}

std::string write(const Value& value) { return write_indented(value, 0); }

}  // namespace photon::spec::reference
