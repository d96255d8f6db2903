#include <signal.h>

#include "devenv/devcontainer/face.hpp"
#include "devenv/devcontainer/packages/command.hpp"

int main(int argc, char** argv) {
  using namespace photon::devcontainer;
  ::signal(SIGPIPE, SIG_IGN);  // a write fails instead, and says so
  std::unique_ptr<Fetch> fetch;
  Network network;
  network.connect = [&](const AuthOptions& options,
                        Log& log) -> photon::Result<photon::spec::reference::Packages> {
    PHOTON_TRY(auto auth, Auth::make(options, log));
    fetch = std::make_unique<Fetch>(std::move(auth), log);
    return fetch->packages();
  };
  network.command = run_package_command;
  return run({argv + 1, argv + argc}, &network);
}
