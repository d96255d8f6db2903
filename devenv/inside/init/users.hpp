// Users by the container's own /etc/passwd and /etc/group: a static program cannot use the C library's NSS.
#pragma once
#include "devenv/inside/protocol.hpp"

namespace photon::inside {

/// "name", "1000", "name:group" or "1000:1000", as images write it; "" is root. A number without an entry is
/// allowed and gets / as its home.
Result<User> find_user(std::string_view text, const std::string& passwd = "/etc/passwd",
                       const std::string& group = "/etc/group");
/// A group's name or number as its number.
Result<std::uint32_t> group_of(std::string_view text, const std::string& group = "/etc/group");
/// The id of a group; nullopt: there is none of that name.
std::optional<std::uint32_t> find_group(std::string_view name, const std::string& group = "/etc/group");

}  // namespace photon::inside
