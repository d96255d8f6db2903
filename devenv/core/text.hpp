// Texts as other programs write and read them.
#pragma once
#include <string>
#include <string_view>

namespace photon {

/// Without the blanks of ASCII at both ends.
std::string_view trimmed(std::string_view text);

/// A basic string of TOML (toml.io, "String"), its quotes included.
std::string toml_text(std::string_view text);

}  // namespace photon
