// Which TCP ports are listened on in the environment, and by whom.
#pragma once
#include "devenv/inside/protocol.hpp"

namespace photon::inside {

std::vector<ListeningPort> listening_ports(const std::string& proc = "/proc");

}  // namespace photon::inside
