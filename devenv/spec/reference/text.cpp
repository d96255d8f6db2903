#include "devenv/spec/reference/text.hpp"

#include <array>
#include <vector>

#include "devenv/core/utf8.hpp"

namespace photon::spec::reference {
namespace {

unsigned byte_at(std::string_view text, std::size_t at) { return static_cast<unsigned char>(text[at]); }

/// ASCII by its weight in the root collation: 0 is ignored; upper case is told from lower case last.
constexpr std::string_view order =
    "\t\n\v\f\r "
    "_-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$0123456789aAbBcCdDeEfFgGhHiIjJkKlLmMnNoOpPqQrRsStTuUvVwWxXyY"
    "zZ";

struct Weight {
  char32_t first = 0;
  bool upper = false;
};

std::vector<Weight> weights_of(std::string_view text) {
  std::vector<Weight> weights;
  for (char16_t unit : code_units(text)) {
    if (unit >= 0x80) {
      weights.push_back({0x10000U + unit, false});
      continue;
    }
    bool upper = unit >= 'A' && unit <= 'Z';
    auto found = order.find(static_cast<char>(upper ? unit + 32 : unit));
    if (found != order.npos) weights.push_back({static_cast<char32_t>(found + 1), upper});
  }
  return weights;
}

}  // namespace

std::size_t character_length(std::string_view text, std::size_t at) {
  return utf8_length(text.substr(at), true);
}

char32_t character_at(std::string_view text, std::size_t at, std::size_t length) {
  if (length <= 1) return byte_at(text, at);
  char32_t code = byte_at(text, at) & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i) code = (code << 6) | (byte_at(text, at + i) & 0x3fU);
  return code;
}

std::u16string code_units(std::string_view text) {
  std::u16string units;
  units.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    auto length = character_length(text, at);
    char32_t code = length == 0 ? 0xfffd : character_at(text, at, length);
    at += std::max<std::size_t>(1, length);
    if (code < 0x10000) {
      units += static_cast<char16_t>(code);
    } else {
      units += static_cast<char16_t>(0xd800 + ((code - 0x10000) >> 10));
      units += static_cast<char16_t>(0xdc00 + ((code - 0x10000) & 0x3ff));
    }
  }
  return units;
}

std::string from_code_units(std::u16string_view units) {
  std::string text;
  for (std::size_t at = 0; at < units.size(); ++at) {
    char32_t code = units[at];
    if (code >= 0xd800 && code < 0xdc00 && at + 1 < units.size() && units[at + 1] >= 0xdc00 &&
        units[at + 1] < 0xe000)
      code = 0x10000 + ((code - 0xd800) << 10) + (units[++at] - 0xdc00U);
    append_utf8(text, code);
  }
  return text;
}

std::string decoded(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  for (std::size_t at = 0; at < bytes.size();) {
    auto rest = bytes.substr(at);
    if (auto length = utf8_length(rest); length != 0) {
      text.append(rest.substr(0, length));
      at += length;
    } else {
      append_utf8(text, 0xfffd);
      at += utf8_broken_length(rest);
    }
  }
  return text;
}

int compare_locale(std::string_view a, std::string_view b) {
  auto left = weights_of(a), right = weights_of(b);
  for (std::size_t i = 0; i < std::min(left.size(), right.size()); ++i)
    if (left[i].first != right[i].first) return left[i].first < right[i].first ? -1 : 1;
  if (left.size() != right.size()) return left.size() < right.size() ? -1 : 1;
  for (std::size_t i = 0; i < left.size(); ++i)
    if (left[i].upper != right[i].upper) return left[i].upper ? 1 : -1;
  return 0;
}

}  // namespace photon::spec::reference
