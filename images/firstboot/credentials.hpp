// The short way: two credentials of systemd, which a hypervisor or a boot loader hands over.
#pragma once
#include <string>

#include "images/firstboot/journal.hpp"
#include "images/firstboot/tree.hpp"

namespace photon::first_boot {

/// `photon.authorized_keys` (a public key a line: user photon is made and let in) and `photon.hostname` below
/// `folder`. Neither there: nothing is done. Each part is tried whatever became of the other; the answer is
/// the first error.
Result<void> apply_credentials(const Tree& tree, const std::string& folder, Journal& journal);

}  // namespace photon::first_boot
