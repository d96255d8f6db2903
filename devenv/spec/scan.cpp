#include "devenv/spec/scan.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <charconv>

#include "devenv/core/name.hpp"
#include "devenv/core/utf8.hpp"
#include "devenv/spec/spec.hpp"

namespace photon::spec {
namespace {

constexpr std::size_t most_bytes = 1 << 20;
constexpr unsigned most_levels = 64;

bool digit(char c) { return c >= '0' && c <= '9'; }

class Scanner {
 public:
  Scanner(std::string_view text, const std::string& file) : text_(text), file_(file) {}

  Result<Node> document() {
    if (text_.size() > most_bytes) return wrong("the file is larger than 1 MiB");
    if (text_.starts_with("\xef\xbb\xbf")) at_ = 3;
    PHOTON_CHECK(blank());
    if (ended()) return wrong("the file is empty", R"(the least is {"image": "debian:12"})");
    PHOTON_TRY(auto root, value(0));
    PHOTON_CHECK(blank());
    if (!ended()) return wrong(fmt::format("{} after the end", found()), "one value is the whole file");
    return root;
  }

 private:
  [[nodiscard]] bool ended() const { return at_ >= text_.size(); }
  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  void skip() {
    char c = text_[at_++];
    if (c == '\n') {
      ++line_;
      column_ = 1;
    } else if ((static_cast<unsigned char>(c) & 0xc0) != 0x80) {
      ++column_;
    }
  }
  [[nodiscard]] tl::unexpected<Error> wrong_at(unsigned line, unsigned column, std::string message,
                                               std::string hint = {}) const {
    return fail_at({file_, line, column}, Kind::usage, "spec.syntax", std::move(message), std::move(hint));
  }
  [[nodiscard]] tl::unexpected<Error> wrong(std::string message, std::string hint = {}) const {
    return wrong_at(line_, column_, std::move(message), std::move(hint));
  }
  [[nodiscard]] std::string found() const {
    if (ended()) return "the end of the file";
    auto length = std::max<std::size_t>(1, utf8_length(text_.substr(at_)));
    return fmt::format("'{}'", shown(text_.substr(at_, length)));
  }

  Result<void> blank() {
    for (;;) {
      char c = peek();
      if (ended()) return {};
      if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
        skip();
      } else if (c == '/' && peek(1) == '/') {
        while (!ended() && peek() != '\n') skip();
      } else if (c == '/' && peek(1) == '*') {
        PHOTON_CHECK(block_comment());
      } else {
        return {};
      }
    }
  }

  Result<void> block_comment() {
    auto line = line_, column = column_;
    skip();
    skip();
    while (!ended()) {
      if (peek() == '*' && peek(1) == '/') {
        skip();
        skip();
        return {};
      }
      skip();
    }
    return wrong_at(line, column, "this comment does not end", "close it with */");
  }

  Result<Node> value(unsigned level) {
    if (level >= most_levels)
      return wrong(fmt::format("more than {} levels of lists and objects", most_levels));
    Node node;
    node.line = line_;
    node.column = column_;
    char c = peek();
    if (c == '{') return object(std::move(node), level);
    if (c == '[') return list(std::move(node), level);
    if (c == '"') {
      node.type = Node::Type::text;
      PHOTON_TRY(node.text, text());
      return node;
    }
    if (c == '-' || digit(c)) return number(std::move(node));
    return word(std::move(node));
  }

  Result<Node> word(Node node) {
    std::size_t length = 0;
    while (std::isalpha(static_cast<unsigned char>(peek(length)))) ++length;
    auto word = text_.substr(at_, length);
    if (word == "true" || word == "false") {
      node.type = Node::Type::flag;
      node.flag = word == "true";
    } else if (word != "null") {
      auto what = length ? fmt::format("\"{}\"", shown(word)) : found();
      return wrong(fmt::format("expected a value, found {}", what),
                   length || peek() == '\'' ? "texts stand in double quotes" : "");
    }
    for (; length > 0; --length) skip();
    return node;
  }

  Result<Node> number(Node node) {
    auto from = at_;
    auto digits = [&] {
      bool some = false;
      for (; digit(peek()); some = true) skip();
      return some;
    };
    if (peek() == '-') skip();
    bool good = true;
    if (peek() == '0')
      skip();
    else
      good = digits();
    if (good && peek() == '.') {
      skip();
      good = digits();
    }
    if (good && (peek() == 'e' || peek() == 'E')) {
      skip();
      if (peek() == '+' || peek() == '-') skip();
      good = digits();
    }
    if (!good || digit(peek()) || std::isalpha(static_cast<unsigned char>(peek())))
      return wrong_at(node.line, node.column, "this is not a number as JSON writes it");
    node.type = Node::Type::number;
    node.text = text_.substr(from, at_ - from);
    return node;
  }

  Result<Node> list(Node node, unsigned level) {
    node.type = Node::Type::list;
    skip();
    for (;;) {
      PHOTON_CHECK(blank());
      if (peek() == ']' && !ended()) break;
      PHOTON_TRY(auto item, value(level + 1));
      node.items.push_back(std::move(item));
      PHOTON_TRY(bool more, separator(']', node));
      if (!more) break;
    }
    skip();
    return node;
  }

  Result<Node> object(Node node, unsigned level) {
    node.type = Node::Type::object;
    std::set<std::string> seen;
    skip();
    for (;;) {
      PHOTON_CHECK(blank());
      if (peek() == '}' && !ended()) break;
      PHOTON_TRY(auto key, name());
      if (!seen.insert(key.name).second)
        return wrong_at(key.line, key.column, fmt::format("\"{}\" is there twice", shown(key.name)),
                        "keep one of them");
      PHOTON_TRY(auto item, value(level + 1));
      node.keys.push_back(std::move(key));
      node.items.push_back(std::move(item));
      PHOTON_TRY(bool more, separator('}', node));
      if (!more) break;
    }
    skip();
    return node;
  }

  /// A member's name, its colon, and the blanks after it.
  Result<Key> name() {
    if (ended() || peek() != '"')
      return wrong(fmt::format("expected a name in double quotes, found {}", found()));
    Key key{{}, line_, column_};
    PHOTON_TRY(key.name, text());
    PHOTON_CHECK(blank());
    if (peek() != ':')
      return wrong(fmt::format("expected ':' after \"{}\", found {}", shown(key.name), found()));
    skip();
    PHOTON_CHECK(blank());
    return key;
  }

  /// After a value: true past a comma, false in front of `end`.
  Result<bool> separator(char end, const Node& opened) {
    PHOTON_CHECK(blank());
    if (ended())
      return wrong(fmt::format("'{}' of line {} is not closed", end == '}' ? '{' : '[', opened.line),
                   fmt::format("add the '{}' that belongs to it", end));
    if (peek() == end) return false;
    if (peek() != ',') return wrong(fmt::format("expected ',' or '{}', found {}", end, found()));
    skip();
    return true;
  }

  Result<std::string> text() {
    auto line = line_, column = column_;
    std::string out;
    skip();
    for (;;) {
      if (ended() || peek() == '\n')
        return wrong_at(line, column, "this text does not end", "close it with \"");
      char c = peek();
      if (c == '"') break;
      if (c == '\\') {
        PHOTON_CHECK(escape(out));
        continue;
      }
      if (static_cast<unsigned char>(c) < 0x20)
        return wrong("a control character in a text", "write it as \\u00..");
      auto length = utf8_length(text_.substr(at_));
      if (length == 0) return wrong("this is not UTF-8");
      for (; length > 0; --length) {
        out += peek();
        skip();
      }
    }
    skip();
    return out;
  }

  Result<void> escape(std::string& out) {
    constexpr std::string_view letters = "\"\\/bfnrt", meanings = "\"\\/\b\f\n\r\t";
    char c = peek(1);
    if (auto which = letters.find(c); c != '\0' && which != letters.npos) {
      out += meanings[which];
      skip();
      skip();
      return {};
    }
    if (c != 'u') return wrong("unknown escape in a text", R"(a backslash itself is written as \\)");
    PHOTON_TRY(unsigned code, unit());
    if (code >= 0xdc00 && code <= 0xdfff) return wrong("half of a surrogate pair");
    if (code >= 0xd800 && code <= 0xdbff) {
      if (peek() != '\\' || peek(1) != 'u') return wrong("half of a surrogate pair");
      PHOTON_TRY(unsigned low, unit());
      if (low < 0xdc00 || low > 0xdfff) return wrong("half of a surrogate pair");
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
    if (code == 0) return wrong("a text cannot hold \\u0000");
    append_utf8(out, code);
    return {};
  }

  /// \uXXXX
  Result<unsigned> unit() {
    unsigned code = 0;
    for (std::size_t i = 2; i < 6; ++i) {
      char c = peek(i);
      if (!std::isxdigit(static_cast<unsigned char>(c))) return wrong("\\u takes four hexadecimal digits");
      code = code * 16 + static_cast<unsigned>(digit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    for (int i = 0; i < 6; ++i) skip();
    return code;
  }

  std::string_view text_;
  const std::string& file_;
  std::size_t at_ = 0;
  unsigned line_ = 1;
  unsigned column_ = 1;
};

json::value number_of(const std::string& text) {
  std::int64_t whole = 0;
  const char* end = text.data() + text.size();
  if (auto read = std::from_chars(text.data(), end, whole); read.ec == std::errc() && read.ptr == end)
    return whole;
  double real = 0;
  std::from_chars(text.data(), end, real);
  return real;
}

}  // namespace

const Node* Node::find(std::string_view name) const {
  for (std::size_t i = 0; i < keys.size(); ++i)
    if (keys[i].name == name) return &items[i];
  return nullptr;
}

Result<Node> scan(std::string_view text, const std::string& file) { return Scanner(text, file).document(); }

json::value to_json(const Node& node) {
  switch (node.type) {
    case Node::Type::null:
      return nullptr;
    case Node::Type::flag:
      return node.flag;
    case Node::Type::number:
      return number_of(node.text);
    case Node::Type::text:
      return json::string(node.text);
    case Node::Type::list: {
      json::array list;
      for (const auto& item : node.items) list.push_back(to_json(item));
      return list;
    }
    case Node::Type::object:
      break;
  }
  json::object object;
  for (std::size_t i = 0; i < node.keys.size(); ++i) object[node.keys[i].name] = to_json(node.items[i]);
  return object;
}

Result<json::value> parse_jsonc(std::string_view text, const std::string& file) {
  PHOTON_TRY(auto root, scan(text, file));
  return to_json(root);
}

}  // namespace photon::spec
