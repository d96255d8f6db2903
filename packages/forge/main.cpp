#include <signal.h>

#include "packages/forge/run.hpp"

int main(int argc, char** argv) {
  ::signal(SIGPIPE, SIG_IGN);  // a write fails instead, and says so
  return photon::forge::run({argv + 1, argv + argc});
}
