// Texts as JavaScript counts them: 16-bit code units, half of a pair alone allowed.
#pragma once
#include <span>
#include <string>
#include <string_view>

namespace photon::spec::reference {

std::u16string code_units(std::string_view text);
std::string from_code_units(std::u16string_view units);

/// Bytes of a file as Node reads them: what is no UTF-8 becomes U+FFFD.
std::string decoded(std::string_view bytes);

/// Length of the character at `at` in well-formed UTF-8 (halves of pairs count as such); 0: it is none.
std::size_t character_length(std::string_view text, std::size_t at);
/// Its number.
char32_t character_at(std::string_view text, std::size_t at, std::size_t length);

/// a.localeCompare(b): below zero, zero or above. ICU's order for ASCII; other characters come after it by
/// their number.
int compare_locale(std::string_view a, std::string_view b);

}  // namespace photon::spec::reference
