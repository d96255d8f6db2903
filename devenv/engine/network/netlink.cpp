#include "devenv/engine/network/netlink.hpp"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>

#include <array>
#include <cerrno>

namespace photon::network {
namespace {

struct Message {
  alignas(nlmsghdr) std::array<char, 1024> bytes{};
  nlmsghdr* header = mnl_nlmsg_put_header(bytes.data());

  Message(std::uint16_t type, std::uint16_t flags) {
    header->nlmsg_type = type;
    header->nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
  }
  template <class T>
  T* extra() {
    return static_cast<T*>(mnl_nlmsg_put_extra_header(header, sizeof(T)));
  }
  void text(std::uint16_t type, const std::string& value) { mnl_attr_put_strz(header, type, value.c_str()); }
  void number(std::uint16_t type, std::uint32_t value) { mnl_attr_put_u32(header, type, value); }
};

// libmnl's own loops are macros that C++ does not take.
template <class F>
void each_from(const void* first, const void* end, F&& f) {
  auto left = [&](const nlattr* at) {
    return static_cast<int>(static_cast<const char*>(end) - reinterpret_cast<const char*>(at));
  };
  for (auto* at = static_cast<const nlattr*>(first); mnl_attr_ok(at, left(at)); at = mnl_attr_next(at))
    f(at, mnl_attr_get_type(at));
}

template <class Header, class F>
void each_attribute(const nlmsghdr* message, F&& f) {
  each_from(mnl_nlmsg_get_payload_offset(message, sizeof(Header)), mnl_nlmsg_get_payload_tail(message), f);
}

template <class F>
void each_nested(const nlattr* nest, F&& f) {
  const auto* first = static_cast<const char*>(mnl_attr_get_payload(nest));
  each_from(first, first + mnl_attr_get_payload_len(nest), f);
}

constexpr std::uint16_t make = NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL;

Result<void> outcome(int error, const std::string& what, int fine = 0) {
  if (error == 0 || error == fine) return {};
  if (error == EOPNOTSUPP || error == EPERM)
    return fail(Kind::denied, "network.links", fmt::format("cannot {}: {}", what, std::strerror(error)),
                error == EPERM ? "the program needs CAP_NET_ADMIN" : "sudo modprobe bridge veth");
  return fail_errno(what, error);
}

}  // namespace

Result<Netlink> Netlink::open() {
  mnl_socket* socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
  if (!socket) return fail_errno("open a netlink socket", errno);
  Netlink netlink(socket);
  if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0) return fail_errno("bind a netlink socket", errno);
  return netlink;
}

Netlink::Netlink(Netlink&& other) noexcept
    : socket_(std::exchange(other.socket_, nullptr)), sequence_(other.sequence_) {}

Netlink& Netlink::operator=(Netlink&& other) noexcept {
  std::swap(socket_, other.socket_);
  std::swap(sequence_, other.sequence_);
  return *this;
}

Netlink::~Netlink() {
  if (socket_) mnl_socket_close(socket_);
}

int Netlink::talk(void* message, unsigned* index) {
  auto* header = static_cast<nlmsghdr*>(message);
  header->nlmsg_seq = ++sequence_;
  if (mnl_socket_sendto(socket_, header, header->nlmsg_len) < 0) return errno;
  alignas(nlmsghdr) std::array<char, 16384> buffer;
  while (true) {
    ssize_t got = mnl_socket_recvfrom(socket_, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno;
    int left = static_cast<int>(got);
    for (auto* answer = reinterpret_cast<nlmsghdr*>(buffer.data()); mnl_nlmsg_ok(answer, left);
         answer = mnl_nlmsg_next(answer, &left)) {
      if (answer->nlmsg_seq != sequence_) continue;
      if (answer->nlmsg_type == NLMSG_ERROR)
        return -static_cast<nlmsgerr*>(mnl_nlmsg_get_payload(answer))->error;
      if (answer->nlmsg_type == RTM_NEWLINK && index) {
        *index = static_cast<unsigned>(static_cast<ifinfomsg*>(mnl_nlmsg_get_payload(answer))->ifi_index);
        return 0;
      }
    }
  }
}

int Netlink::dump(void* message, const std::function<void(const nlmsghdr*)>& each) {
  auto* header = static_cast<nlmsghdr*>(message);
  header->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  header->nlmsg_seq = ++sequence_;
  if (mnl_socket_sendto(socket_, header, header->nlmsg_len) < 0) return errno;
  alignas(nlmsghdr) std::array<char, 32768> buffer;
  while (true) {
    ssize_t got = mnl_socket_recvfrom(socket_, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno;
    int left = static_cast<int>(got);
    for (auto* answer = reinterpret_cast<nlmsghdr*>(buffer.data()); mnl_nlmsg_ok(answer, left);
         answer = mnl_nlmsg_next(answer, &left)) {
      if (answer->nlmsg_seq != sequence_) continue;
      if (answer->nlmsg_type == NLMSG_DONE) return 0;
      if (answer->nlmsg_type == NLMSG_ERROR)
        return -static_cast<nlmsgerr*>(mnl_nlmsg_get_payload(answer))->error;
      each(answer);
    }
  }
}

Result<unsigned> Netlink::index_of(const std::string& link) {
  Message message(RTM_GETLINK, 0);
  message.extra<ifinfomsg>()->ifi_family = AF_UNSPEC;
  message.text(IFLA_IFNAME, link);
  unsigned index = 0;
  int error = talk(message.header, &index);
  if (error == ENODEV) return 0u;
  PHOTON_CHECK(outcome(error, "look for the network link " + link));
  return index;
}

Result<void> Netlink::make_bridge(const std::string& name, const std::uint8_t* address) {
  Message message(RTM_NEWLINK, make);
  auto* info = message.extra<ifinfomsg>();
  info->ifi_flags = IFF_UP;
  info->ifi_change = IFF_UP;
  message.text(IFLA_IFNAME, name);
  mnl_attr_put(message.header, IFLA_ADDRESS, 6, address);
  nlattr* kind = mnl_attr_nest_start(message.header, IFLA_LINKINFO);
  message.text(IFLA_INFO_KIND, "bridge");
  mnl_attr_nest_end(message.header, kind);
  return outcome(talk(message.header), "make the network bridge " + name, EEXIST);
}

Result<void> Netlink::make_veth(const Veth& veth) {
  Message message(RTM_NEWLINK, make);
  auto* info = message.extra<ifinfomsg>();
  info->ifi_flags = IFF_UP;
  info->ifi_change = IFF_UP;
  message.text(IFLA_IFNAME, veth.outer);
  message.number(IFLA_MASTER, veth.bridge);
  message.number(IFLA_GROUP, veth.group);
  message.number(IFLA_MTU, veth.mtu);
  nlattr* link = mnl_attr_nest_start(message.header, IFLA_LINKINFO);
  message.text(IFLA_INFO_KIND, "veth");
  nlattr* data = mnl_attr_nest_start(message.header, IFLA_INFO_DATA);
  nlattr* peer = mnl_attr_nest_start(message.header, VETH_INFO_PEER);
  message.extra<ifinfomsg>();
  message.text(IFLA_IFNAME, veth.inner);
  message.number(IFLA_MTU, veth.mtu);
  message.number(IFLA_NET_NS_FD, static_cast<std::uint32_t>(veth.inner_netns));
  mnl_attr_nest_end(message.header, peer);
  mnl_attr_nest_end(message.header, data);
  mnl_attr_nest_end(message.header, link);
  return outcome(talk(message.header), "make the network link " + veth.outer);
}

Result<void> Netlink::bring_up(unsigned index) {
  Message message(RTM_NEWLINK, NLM_F_ACK);
  auto* info = message.extra<ifinfomsg>();
  info->ifi_index = static_cast<int>(index);
  info->ifi_flags = IFF_UP;
  info->ifi_change = IFF_UP;
  return outcome(talk(message.header), "bring up a network link");
}

Result<void> Netlink::add_address(unsigned index, std::uint32_t address, unsigned prefix) {
  Message message(RTM_NEWADDR, make);
  auto* info = message.extra<ifaddrmsg>();
  info->ifa_family = AF_INET;
  info->ifa_prefixlen = static_cast<std::uint8_t>(prefix);
  info->ifa_index = index;
  std::uint32_t mask = prefix == 0 ? 0 : ~std::uint32_t{0} << (32 - prefix);
  message.number(IFA_LOCAL, htonl(address));
  message.number(IFA_ADDRESS, htonl(address));
  if (prefix < 31) message.number(IFA_BROADCAST, htonl(address | ~mask));
  return outcome(talk(message.header), "give a network link its address", EEXIST);
}

Result<void> Netlink::add_default_route(unsigned index, std::uint32_t gateway) {
  Message message(RTM_NEWROUTE, make);
  auto* route = message.extra<rtmsg>();
  route->rtm_family = AF_INET;
  route->rtm_table = RT_TABLE_MAIN;
  route->rtm_protocol = RTPROT_BOOT;
  route->rtm_scope = RT_SCOPE_UNIVERSE;
  route->rtm_type = RTN_UNICAST;
  message.number(RTA_GATEWAY, htonl(gateway));
  message.number(RTA_OIF, index);
  return outcome(talk(message.header), "set the default route", EEXIST);
}

Result<std::vector<Route>> Netlink::routes() {
  Message message(RTM_GETROUTE, 0);
  message.extra<rtmsg>()->rtm_family = AF_INET;
  std::vector<Route> routes;
  int error = dump(message.header, [&](const nlmsghdr* answer) {
    const auto* route = static_cast<const rtmsg*>(mnl_nlmsg_get_payload(answer));
    if (answer->nlmsg_type != RTM_NEWROUTE || route->rtm_table == RT_TABLE_LOCAL) return;
    Route found{.to = {.base = 0, .prefix = route->rtm_dst_len}};
    each_attribute<rtmsg>(answer, [&](const nlattr* attribute, std::uint16_t type) {
      if (type == RTA_DST) found.to.base = ntohl(mnl_attr_get_u32(attribute));
      if (type == RTA_OIF) found.link = mnl_attr_get_u32(attribute);
    });
    routes.push_back(found);
  });
  PHOTON_CHECK(outcome(error, "list the routes"));
  return routes;
}

Result<std::optional<Subnet>> Netlink::network_of(unsigned index) {
  Message message(RTM_GETADDR, 0);
  message.extra<ifaddrmsg>()->ifa_family = AF_INET;
  std::optional<Subnet> network;
  int error = dump(message.header, [&](const nlmsghdr* answer) {
    const auto* info = static_cast<const ifaddrmsg*>(mnl_nlmsg_get_payload(answer));
    if (answer->nlmsg_type != RTM_NEWADDR || info->ifa_index != index || network) return;
    each_attribute<ifaddrmsg>(answer, [&](const nlattr* attribute, std::uint16_t type) {
      if (type != IFA_LOCAL) return;
      Subnet found{.base = ntohl(mnl_attr_get_u32(attribute)), .prefix = info->ifa_prefixlen};
      found.base -= found.base % found.size();
      network = found;
    });
  });
  PHOTON_CHECK(outcome(error, "list the network addresses"));
  return network;
}

Result<unsigned> Netlink::mtu_of(unsigned index) {
  Message message(RTM_GETLINK, 0);
  message.extra<ifinfomsg>()->ifi_family = AF_UNSPEC;
  unsigned mtu = 0;
  int error = dump(message.header, [&](const nlmsghdr* answer) {
    const auto* info = static_cast<const ifinfomsg*>(mnl_nlmsg_get_payload(answer));
    if (static_cast<unsigned>(info->ifi_index) != index) return;
    each_attribute<ifinfomsg>(answer, [&](const nlattr* attribute, std::uint16_t type) {
      if (type == IFLA_MTU) mtu = mnl_attr_get_u32(attribute);
    });
  });
  PHOTON_CHECK(outcome(error, "look at a network link"));
  return mtu;
}

Result<std::vector<std::string>> Netlink::bridges() {
  Message message(RTM_GETLINK, 0);
  message.extra<ifinfomsg>()->ifi_family = AF_UNSPEC;
  std::vector<std::string> names;
  int error = dump(message.header, [&](const nlmsghdr* answer) {
    std::string name;
    bool bridge = false;
    each_attribute<ifinfomsg>(answer, [&](const nlattr* attribute, std::uint16_t type) {
      if (type == IFLA_IFNAME) name = mnl_attr_get_str(attribute);
      if (type != IFLA_LINKINFO) return;
      each_nested(attribute, [&](const nlattr* part, std::uint16_t kind) {
        if (kind == IFLA_INFO_KIND) bridge = std::string_view(mnl_attr_get_str(part)) == "bridge";
      });
    });
    if (bridge) names.push_back(std::move(name));
  });
  PHOTON_CHECK(outcome(error, "list the network links"));
  return names;
}

Result<void> Netlink::remove_link(const std::string& name) {
  Message message(RTM_DELLINK, NLM_F_ACK);
  message.extra<ifinfomsg>()->ifi_family = AF_UNSPEC;
  message.text(IFLA_IFNAME, name);
  return outcome(talk(message.header), "remove the network link " + name, ENODEV);
}

}  // namespace photon::network
