// The few rtnetlink requests that we need, on a socket that stays in the network namespace where it was
// opened.
#pragma once
#include <cstdint>
#include <string>

#include "devenv/core/error.hpp"

struct mnl_socket;

namespace photon::network {

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
  /// `outer` here, up and a port of the link `bridge`; `inner` in the namespace `inner_netns` (a descriptor).
  Result<void> make_veth(const std::string& outer, const std::string& inner, int inner_netns,
                         unsigned bridge);
  Result<void> bring_up(unsigned index);
  /// `address` in host byte order; one that is there already is fine.
  Result<void> add_address(unsigned index, std::uint32_t address, unsigned prefix);
  Result<void> add_default_route(unsigned index, std::uint32_t gateway);
  /// What is not there is fine.
  Result<void> remove_link(const std::string& name);

 private:
  explicit Netlink(mnl_socket* socket) : socket_(socket) {}
  /// Sends the message that `buffer` holds and waits for its answer; 0 or errno. `index` gets a link's
  /// number.
  int talk(void* message, unsigned* index = nullptr);
  mnl_socket* socket_ = nullptr;
  std::uint32_t sequence_ = 0;
};

}  // namespace photon::network
