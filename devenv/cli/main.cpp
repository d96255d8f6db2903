#include <signal.h>

#include "devenv/cli/run.hpp"

int main(int argc, char** argv) {
  ::signal(SIGPIPE, SIG_IGN);  // a write fails instead, and says so
  return photon::cli::run({argv + 1, argv + argc});
}
