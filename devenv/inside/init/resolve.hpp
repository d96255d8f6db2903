// Names as the environment itself sees them: its /etc/hosts, then its name servers. Of our own, because
// glibc's getaddrinfo needs shared libraries that a static program does not have.
#pragma once
#include <sys/types.h>

#include <string_view>

#include "devenv/inside/init/requests.hpp"

namespace photon::inside {

/// The addresses that a hosts file (hosts(5)) gives a name, in its order; without regard to case.
std::vector<std::string> addresses_in_hosts(std::string_view hosts, std::string_view name);

/// Blocks for as long as resolv.conf(5) says. IPv4 before IPv6; an environment has IPv6 perhaps.
Result<std::vector<Target>> resolve(const std::string& name, std::uint16_t port);

/// Starts a process without rights that resolves, connects and answers on `socket` as `connect` does.
Result<pid_t> start_reaching(int socket, const std::string& name, std::uint16_t port);

}  // namespace photon::inside
