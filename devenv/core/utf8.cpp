#include "devenv/core/utf8.hpp"

namespace photon {
namespace {

struct Lead {
  std::size_t length = 0;  ///< 0: it cannot begin a character
  unsigned least = 0x80;   ///< of the second byte: neither overlong, nor half of a pair, nor beyond Unicode
  unsigned most = 0xbf;
};

Lead lead_of(unsigned byte, bool halves) {
  if (byte < 0x80) return {1};
  if (byte < 0xc2 || byte > 0xf4) return {};
  if (byte < 0xe0) return {2};
  if (byte < 0xf0) return {3, byte == 0xe0 ? 0xa0U : 0x80U, byte == 0xed && !halves ? 0x9fU : 0xbfU};
  return {4, byte == 0xf0 ? 0x90U : 0x80U, byte == 0xf4 ? 0x8fU : 0xbfU};
}

/// How many bytes of the character are there.
std::size_t present(std::string_view text, const Lead& lead) {
  auto within = [&](std::size_t at, unsigned least, unsigned most) {
    auto byte = at < text.size() ? static_cast<unsigned char>(text[at]) : 0U;
    return byte >= least && byte <= most;
  };
  if (lead.length < 2 || !within(1, lead.least, lead.most)) return 1;
  std::size_t have = 2;
  while (have < lead.length && within(have, 0x80, 0xbf)) ++have;
  return have;
}

}  // namespace

std::size_t utf8_length(std::string_view text, bool halves) {
  if (text.empty()) return 0;
  auto lead = lead_of(static_cast<unsigned char>(text[0]), halves);
  return lead.length != 0 && present(text, lead) == lead.length ? lead.length : 0;
}

std::size_t utf8_broken_length(std::string_view text) {
  return text.empty() ? 0 : present(text, lead_of(static_cast<unsigned char>(text[0]), false));
}

void append_utf8(std::string& out, char32_t code) {
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

}  // namespace photon
