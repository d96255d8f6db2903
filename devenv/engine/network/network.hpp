// A network namespace per environment, by rtnetlink of our own: veth to a bridge, outbound NAT by nftables
// (or pasta for an ordinary user). No CNI (docs/decisions/005).
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "devenv/core/error.hpp"
#include "devenv/core/fd.hpp"

namespace photon::network {

struct Options {
  std::string folder;  ///< netns files and state: <runtime>/network
  std::string
      hub_namespace;  ///< netns that holds the bridge; "" = ours (root). Else a path: an ordinary user's hub
  std::string bridge = "devenv0";
  /// Addresses of environments; the first is the bridge's. Where the machine has a route for some of them
  /// (VPN, Docker, libvirt), others are taken.
  std::string subnet = "10.87.0.0/16";
};

struct Attachment {
  std::string id;
  std::string netns;    ///< path for ContainerSpec::network_namespace
  std::string address;  ///< "10.87.0.2"; "" if the machine gives no right to make veth pairs
  std::string gateway;
};

class Network {
 public:
  /// Makes bridge, NAT table and (user) pasta when they are missing: idempotent.
  static Result<std::unique_ptr<Network>> open(Options options);
  virtual ~Network() = default;
  /// Idempotent: an existing namespace of that id is taken as it is. Environments of different owners do not
  /// reach each other.
  virtual Result<Attachment> attach(const std::string& id, std::uint32_t owner = 0) = 0;
  virtual Result<void> detach(const std::string& id) = 0;
  virtual Result<std::vector<Attachment>> list() = 0;  ///< for reconcile
  /// Content for the environment's /etc/resolv.conf.
  virtual Result<std::string> resolv_conf() = 0;
  /// "" if environments reach the outside world, else why not (for `devenv doctor`).
  virtual std::string outbound_problem() = 0;
  /// Takes bridge, NAT table, pasta and namespaces away.
  virtual Result<void> shut_down() = 0;
};

/// Whether an ordinary user's environments can be given a way out; the error says what is missing.
Result<void> uplink_usable();

}  // namespace photon::network
