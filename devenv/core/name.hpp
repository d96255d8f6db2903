// Names of environments, random ids, and the nearest of several words.
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "devenv/core/error.hpp"

namespace photon {

/// [a-z0-9][a-z0-9-]{0,39}, so that NAME.devenv is a host name. The error shows the text with control
/// characters escaped.
Result<void> check_name(std::string_view name);
/// The nearest allowed name: "Acme_Web.git" gives "acme-web"; "environment" if nothing is left.
std::string name_from(std::string_view text);
/// 16 lower-case hexadecimal digits from the kernel's random source.
std::string random_id();
/// The candidate nearest to `word` (edit distance at most a third of its length), or empty.
std::string nearest(std::string_view word, std::span<const std::string_view> candidates);
/// Control characters as \xNN and at most `most` characters: for messages that quote untrusted text.
std::string shown(std::string_view text, std::size_t most = 80);

}  // namespace photon
