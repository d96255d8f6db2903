// The few rtnetlink requests that we need, on a socket that stays in the network namespace where it was
// opened.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "devenv/core/error.hpp"
#include "devenv/engine/network/addresses.hpp"

struct mnl_socket;
struct nlmsghdr;

namespace photon::network {

struct Route {
  Subnet to;
  unsigned link = 0;  ///< 0: none, as of a blackhole
};

/// One end of a cable is here, the other in the namespace `inner_netns` (a descriptor).
struct Veth {
  std::string outer;
  std::string inner;
  int inner_netns = -1;
  unsigned bridge = 0;      ///< `outer` is a port of this link
  std::uint32_t group = 0;  ///< of `outer`
  unsigned mtu = 1500;
};

/// Not safe from several threads at once.
class Netlink {
 public:
  /// In the network namespace of the calling thread.
  static Result<Netlink> open();
  Netlink(Netlink&& other) noexcept;
  Netlink& operator=(Netlink&& other) noexcept;
  ~Netlink();

  /// 0: there is none.
  Result<unsigned> index_of(const std::string& link);
  /// An existing one is taken. `address` is six bytes: else a bridge changes its own with its first port.
  Result<void> make_bridge(const std::string& name, const std::uint8_t* address);
  Result<void> make_veth(const Veth& veth);
  Result<void> bring_up(unsigned index);
  /// `address` in host byte order; one that is there already is fine.
  Result<void> add_address(unsigned index, std::uint32_t address, unsigned prefix);
  Result<void> add_default_route(unsigned index, std::uint32_t gateway);
  /// IPv4 routes of every table but the local one.
  Result<std::vector<Route>> routes();
  /// The link's first IPv4 address as the network that it is in, gateway included: `Subnet::base` is the
  /// network's.
  Result<std::optional<Subnet>> network_of(unsigned index);
  Result<unsigned> mtu_of(unsigned index);
  /// Names of all bridges.
  Result<std::vector<std::string>> bridges();
  /// What is not there is fine.
  Result<void> remove_link(const std::string& name);

 private:
  explicit Netlink(mnl_socket* socket) : socket_(socket) {}
  /// Sends the message that `buffer` holds and waits for its answer; 0 or errno. `index` gets a link's
  /// number.
  int talk(void* message, unsigned* index = nullptr);
  /// Hands every answer to `each`; 0 or errno.
  int dump(void* message, const std::function<void(const nlmsghdr*)>& each);
  mnl_socket* socket_ = nullptr;
  std::uint32_t sequence_ = 0;
};

}  // namespace photon::network
