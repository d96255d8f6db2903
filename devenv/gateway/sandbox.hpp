// What the kernel is to refuse this process from now on, whatever a stranger's bytes make it try.
#pragma once
#include "devenv/core/error.hpp"

namespace photon::gateway {

/// No file is opened, no program or process started, no socket but to the journal made, no other process
/// touched. The gateway has all that it needs by then: the connection, the broker, the key. Landlock (where
/// the kernel has it) shuts the files off, seccomp the rest. PR_SET_NO_NEW_PRIVS must be set.
Result<void> enter_sandbox();

}  // namespace photon::gateway
