// A plan done to a tree: users, files, network, settings; commands are laid down for the unit that runs them.
#pragma once
#include "images/firstboot/journal.hpp"
#include "images/firstboot/plan.hpp"
#include "images/firstboot/tree.hpp"

namespace photon::first_boot {

/// Each wish is tried whatever became of the others; what failed is told, and the answer is the first fault.
Result<void> apply(const Tree& tree, const Plan& plan, Journal& journal);

constexpr const char* state_folder = "var/lib/photon/first-boot";
constexpr const char* boot_commands_file = "var/lib/photon/first-boot/boot-commands";  ///< at each start
constexpr const char* commands_file = "var/lib/photon/first-boot/commands";            ///< once
constexpr const char* script_file = "var/lib/photon/first-boot/script";                ///< once, after them

/// A script of a shell that runs them in order, going on after one that failed.
std::string shell_script(const std::vector<WantedCommand>& commands);

}  // namespace photon::first_boot
