// The nftables table of a bridge and the forwarding switch, in the network namespace of the calling thread.
#pragma once
#include <string>

#include "devenv/core/error.hpp"

namespace photon::network {

/// The whole table in one transaction: made again, it replaces what was there.
Result<void> make_nat(const std::string& bridge, const std::string& subnet);
Result<void> remove_nat(const std::string& bridge);
Result<void> allow_forwarding();

}  // namespace photon::network
