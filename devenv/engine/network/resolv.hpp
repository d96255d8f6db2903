// The environment's /etc/resolv.conf from the machine's.
#pragma once
#include <string>
#include <string_view>

namespace photon::network {

/// Name servers on the loopback mean nothing in another network namespace: they go.
struct Resolvers {
  std::string text;      ///< without such servers
  int usable = 0;        ///< name servers in `text`
  std::string loopback;  ///< the first IPv4 one that went
};
Resolvers without_loopback(std::string_view file);
/// `host`: /etc/resolv.conf; `behind`: what systemd-resolved itself asks ("" if there is none); `forwarder`:
/// the uplink's resolver, "" without one. Never empty.
std::string environment_resolv_conf(std::string_view host, std::string_view behind,
                                    std::string_view forwarder);

}  // namespace photon::network
