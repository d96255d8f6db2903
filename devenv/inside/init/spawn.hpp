// Starting a process as a user of the container.
#pragma once
#include <sys/types.h>

#include "devenv/inside/protocol.hpp"

namespace photon::inside {

struct Spawned {
  pid_t pid = 0;
  Fd master;    ///< of the pty, if asked for
  Fd starting;  ///< ends when the program runs; before that it carries a StartFault
};

/// What the child could not do, sent through `starting`.
struct StartFault {
  char step[40];
  int error;
};

/// `stdio`: three descriptors, or none with a pty.
Result<Spawned> spawn(const ExecRequest& request, const std::vector<Fd>& stdio);

}  // namespace photon::inside
