// The nftables table of a bridge and the forwarding switch, in the network namespace of the calling thread.
#pragma once
#include <cstdint>
#include <string>

#include "devenv/core/error.hpp"
#include "devenv/core/fd.hpp"

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

/// Ports of the bridge (links whose names begin with `ports`) exchange frames only within one link group, and
/// not by way of the gateway either. Groups that were let together before stay so.
Result<void> keep_owners_apart(const Nat& nat, const std::string& ports);
Result<void> let_together(const std::string& bridge, std::uint32_t group);

/// Serializes daemons that share this network namespace while the value lives.
Result<Fd> lock_forwarding();
/// Switched on where it is off; a table without rules remembers that it was us.
Result<void> allow_forwarding();
/// Off again if we switched it on and nobody else forwards: no other bridge (`bridges`), no other table.
/// Call with our own bridge and tables gone.
Result<void> restore_forwarding(bool other_bridges);

}  // namespace photon::network
