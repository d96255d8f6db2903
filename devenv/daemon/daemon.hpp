// devenvd put together: journal, host, environments, API, broker, SSH.
#pragma once
#include "devenv/config/config.hpp"
#include "devenv/core/paths.hpp"
#include "devenv/daemon/options.hpp"
#include "devenv/engine/namespaces/namespaces.hpp"

namespace photon::daemon {

/// Serves until it is told to stop. Blocks; no other thread may exist yet.
Result<void> serve(const Paths& paths, const namespaces::Entered& entered, bool system,
                   config::Config config);

}  // namespace photon::daemon
