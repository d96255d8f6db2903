// The commands that a seed brought: run by a unit of their own, for they may do whatever root may.
#pragma once
#include <string>

#include "images/firstboot/journal.hpp"
#include "images/firstboot/tree.hpp"

namespace photon::first_boot {

/// bootcmd at each start; runcmd and a script once, when there is a network or none came in half a minute.
/// Whatever a command says goes to standard error; one that fails is told and does not keep the others.
Result<void> run_commands(const Tree& tree, const std::string& root, Journal& journal);

}  // namespace photon::first_boot
