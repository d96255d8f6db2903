#include <signal.h>

#include <string_view>

#include "devenv/cli/run.hpp"
#include "devenv/devcontainer/face.hpp"

int main(int argc, char** argv) {
  ::signal(SIGPIPE, SIG_IGN);  // a write fails instead, and says so
  std::string_view name = argc > 0 ? argv[0] : "devenv";
  name.remove_prefix(name.rfind('/') + 1);
  if (name == "devcontainer") return photon::devcontainer::run({argv + 1, argv + argc});
  return photon::cli::run({argv + 1, argv + argc});
}
