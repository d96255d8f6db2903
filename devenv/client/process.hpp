// A process in an environment as if it ran here: terminal or pipes, signals and exit status handed on.
#pragma once
#include "devenv/inside/protocol.hpp"

namespace photon::client {

/// With a pty: this terminal is raw while it runs, and its size follows.
Result<int> run_on_terminal(Fd connection, inside::ExecRequest request);
/// Our own three descriptors are handed over: no byte runs through this process. Signals are passed on.
Result<int> run_on_pipes(Fd connection, const inside::ExecRequest& request);
struct Captured {
  int status = 0;
  std::string out;
  std::string err;
};
Result<Captured> run_captured(Fd connection, const inside::ExecRequest& request);
Result<int> run_detached(Fd connection, const inside::ExecRequest& request);

}  // namespace photon::client
