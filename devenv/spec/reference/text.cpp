#include "devenv/spec/reference/text.hpp"

#include <array>
#include <vector>

namespace photon::spec::reference {
namespace {

unsigned byte_at(std::string_view text, std::size_t at) { return static_cast<unsigned char>(text[at]); }

bool continues(std::string_view text, std::size_t at, unsigned least = 0x80, unsigned most = 0xbf) {
  return at < text.size() && byte_at(text, at) >= least && byte_at(text, at) <= most;
}

struct Lead {
  std::size_t length;  ///< 0: cannot begin a character
  unsigned least;      ///< of the second byte
  unsigned most;
};

Lead lead_of(unsigned byte, bool halves) {
  if (byte < 0x80) return {1, 0, 0};
  if (byte >= 0xc2 && byte <= 0xdf) return {2, 0x80, 0xbf};
  if (byte == 0xe0) return {3, 0xa0, 0xbf};
  if (byte == 0xed) return {3, 0x80, halves ? 0xbfU : 0x9fU};
  if (byte >= 0xe1 && byte <= 0xef) return {3, 0x80, 0xbf};
  if (byte == 0xf0) return {4, 0x90, 0xbf};
  if (byte >= 0xf1 && byte <= 0xf3) return {4, 0x80, 0xbf};
  if (byte == 0xf4) return {4, 0x80, 0x8f};
  return {0, 0, 0};
}

/// How much of a character is there: all of it, or the part that one U+FFFD stands for.
std::size_t well_formed(std::string_view text, std::size_t at, const Lead& lead) {
  if (lead.length <= 1) return 1;
  if (!continues(text, at + 1, lead.least, lead.most)) return 1;
  std::size_t have = 2;
  while (have < lead.length && continues(text, at + have)) ++have;
  return have;
}

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
  auto lead = lead_of(byte_at(text, at), true);
  return lead.length != 0 && well_formed(text, at, lead) == lead.length ? lead.length : 0;
}

char32_t character_at(std::string_view text, std::size_t at, std::size_t length) {
  if (length <= 1) return byte_at(text, at);
  char32_t code = byte_at(text, at) & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i) code = (code << 6) | (byte_at(text, at + i) & 0x3fU);
  return code;
}

void append_character(std::string& out, char32_t code) {
  auto put = [&](char32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) return put(code);
  if (code < 0x800) {
    put(0xc0 | (code >> 6));
  } else {
    if (code < 0x10000) {
      put(0xe0 | (code >> 12));
    } else {
      put(0xf0 | (code >> 18));
      put(0x80 | ((code >> 12) & 0x3f));
    }
    put(0x80 | ((code >> 6) & 0x3f));
  }
  put(0x80 | (code & 0x3f));
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
    append_character(text, code);
  }
  return text;
}

std::string decoded(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  for (std::size_t at = 0; at < bytes.size();) {
    auto lead = lead_of(byte_at(bytes, at), false);
    auto have = well_formed(bytes, at, lead);
    if (lead.length == have)
      text.append(bytes.substr(at, have));
    else
      append_character(text, 0xfffd);
    at += have;
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
