// UTF-8, character by character (RFC 3629).
#pragma once
#include <string>
#include <string_view>

namespace photon {

/// Bytes of the character that `text` begins with, 0 if it begins with none. With `halves` the two halves of
/// a surrogate pair, which no UTF-8 has, count as characters of three bytes, as JavaScript's texts need it
/// (WTF-8).
std::size_t utf8_length(std::string_view text, bool halves = false);

/// Of a broken character: how many bytes of it are there, at least one; what one U+FFFD stands for.
std::size_t utf8_broken_length(std::string_view text);

/// Appends the character of that number.
void append_utf8(std::string& out, char32_t code);

}  // namespace photon
