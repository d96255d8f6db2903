// Lines of authorized_keys: which of them are keys, and a user's file with those that it lacks.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "images/firstboot/accounts.hpp"

namespace photon::first_boot {

/// One line of a public key, with options in front as sshd takes them; the error says what it is instead.
Result<void> check_key(std::string_view line);

struct Keys {
  std::vector<std::string> good;
  std::vector<Error> bad;  ///< each with its line
};
/// Lines of a text; blank ones and comments are left out. `file` is what errors call it.
Keys read_keys(std::string_view text, std::string_view file);

/// ~/.ssh/authorized_keys: keys that are there stay, those of `keys` that are missing are added. The number
/// of new ones.
Result<std::size_t> add_keys(const Tree& tree, const Account& account, const std::vector<std::string>& keys);

}  // namespace photon::first_boot
