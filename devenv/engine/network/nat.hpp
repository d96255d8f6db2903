// The nftables table of a bridge and the forwarding switch, in the network namespace of the calling thread.
#pragma once
#include <string>

#include "devenv/core/error.hpp"

namespace photon::network {

struct Nat {
  std::string bridge;
  std::string subnet;
  std::string gateway;
  /// A name server of the machine that listens on its loopback alone ("127.0.0.1"): it answers at the
  /// gateway's address, port 53. "" if none is needed.
  std::string loopback_resolver{};
};

/// The whole table in one transaction: made again, it replaces what was there. Where another firewall drops
/// what is forwarded (Docker, ufw), it is told to let the bridge through.
Result<void> make_nat(const Nat& nat);
Result<void> remove_nat(const std::string& bridge);
Result<void> allow_forwarding();

}  // namespace photon::network
