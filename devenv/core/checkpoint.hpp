// Named places of a program at which a test can stop it, to kill or disturb it or what it works with there.
#pragma once
#include <string_view>

namespace photon {

/// Stops this process (SIGSTOP) when the environment variable DEVENV_STOP_AT is the beginning of `place`,
/// after writing "stopped at PLACE" to standard error; whoever has set it sends SIGCONT or worse. Not set:
/// one comparison. Only whoever starts the process can set it, and could stop it anyway.
void checkpoint(std::string_view place);

}  // namespace photon
