// What seeds and credentials both set: the default user and the host name.
#pragma once
#include <string>
#include <vector>

#include "images/firstboot/accounts.hpp"
#include "images/firstboot/journal.hpp"

namespace photon::first_boot {

/// photon, 1000 where that is free, in the groups wheel and devenv where they are.
User default_user();
/// Makes users and lets them in. Groups that are nowhere are told to the journal, but for those in
/// `if_there`.
Result<Account> make_user(const Tree& tree, const User& user, const std::vector<std::string>& keys,
                          Journal& journal, const std::vector<std::string>& if_there = {});

/// Labels of letters, digits and hyphens, with dots between: at most 64 bytes, as the kernel takes it.
Result<void> check_host_name(std::string_view name);
/// /etc/hostname, and the running kernel's name where the tree is the running system.
Result<void> set_host_name(const Tree& tree, const std::string& name, Journal& journal);

}  // namespace photon::first_boot
