// Who shares the machine: other users' environments, other networks, other programs that forward packets.
#include <fcntl.h>
#include <net/if.h>
#include <sys/ioctl.h>

#include <filesystem>

#include "tests/integration/network/network_fixture.hpp"

namespace photon::network {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr const char* forwarding = "/proc/sys/net/ipv4/ip_forward";

class Neighbours : public NetworkOfRoot {
 protected:
  void SetUp() override {
    set_forwarding("0\n");
    NetworkOfRoot::SetUp();
  }

  static void set_forwarding(const std::string& value) {
    Fd file(::open(forwarding, O_WRONLY | O_CLOEXEC));
    ASSERT_TRUE(write_all(file.get(), value));
  }
  // Read in a thread of this namespace: /proc/sys/net shows the reader's own.
  static std::string forwards() { return read_file(forwarding, 64).value_or("unreadable"); }

  void expect_reach(bool reached, const Attachment& from, const Attachment& to) {
    Fd listener = listen_in(to.netns, "0.0.0.0", 8080);
    Fd client = socket_in(from.netns);
    EXPECT_EQ(connects(client, to.address, 8080), reached) << from.id << " to " << to.id;
  }

  static int mtu_in(const std::string& netns) {
    Fd socket = socket_in(netns);
    ifreq request{};
    std::strcpy(request.ifr_name, "eth0");
    EXPECT_EQ(::ioctl(socket.get(), SIOCGIFMTU, &request), 0);
    return request.ifr_mtu;
  }
};

TEST_F(Neighbours, EnvironmentsOfTwoUsersDoNotReachEachOther) {
  auto hers = attach("hers", 1000);
  auto also_hers = attach("also-hers", 1000);
  auto his = attach("his", 1001);
  expect_reach(true, hers, also_hers);
  expect_reach(false, hers, his);
  reopen();  // as after a crash: who belongs together is not forgotten
  expect_reach(true, also_hers, hers);
  expect_reach(false, his, hers);
}

TEST_F(Neighbours, NorByWayOfTheGateway) {
  auto hers = attach("hers", 1000);
  auto his = attach("his", 1001);
  ip({"route", "add", his.address + "/32", "via", his.gateway}, hers.netns);
  ip({"route", "add", hers.address + "/32", "via", his.gateway}, his.netns);
  expect_reach(false, hers, his);
}

TEST_F(Neighbours, AnotherSubnetIsTakenWhereTheMachineHasARouteIntoOurs) {
  ASSERT_TRUE(network->shut_down());
  ip({"route", "add", "10.87.5.0/24", "dev", "lo"});
  reopen();
  auto one = attach("one");
  auto two = attach("two");
  EXPECT_THAT(one.address, StartsWith("10.88."));
  EXPECT_EQ(one.gateway, "10.88.0.1");
  expect_reach(true, one, two);
  // The route goes, the environments stay: so does their subnet.
  ip({"route", "delete", "10.87.5.0/24", "dev", "lo"});
  reopen();
  EXPECT_EQ(attach("one").address, one.address);
  EXPECT_THAT(attach("three").address, StartsWith("10.88."));
}

TEST_F(Neighbours, ABridgeWithoutEnvironmentsMovesAway) {
  EXPECT_EQ(attach("one").gateway, "10.87.0.1");
  ASSERT_TRUE(network->detach("one"));
  ip({"route", "add", "10.87.0.0/17", "dev", "lo"});
  reopen();
  EXPECT_EQ(attach("one").gateway, "10.88.0.1");
  ip({"route", "delete", "10.87.0.0/17", "dev", "lo"});
}

TEST_F(Neighbours, ForwardingIsSwitchedOffAgain) {
  EXPECT_EQ(forwards(), "1\n");
  ASSERT_TRUE(network->shut_down());
  network.reset();
  EXPECT_EQ(forwards(), "0\n");
}

TEST_F(Neighbours, ForwardingThatWasOnStaysOn) {
  ASSERT_TRUE(network->shut_down());
  set_forwarding("1\n");
  reopen();
  ASSERT_TRUE(network->shut_down());
  network.reset();
  EXPECT_EQ(forwards(), "1\n");
}

TEST_F(Neighbours, TheLastOfTwoSwitchesForwardingOff) {
  auto other =
      Network::open(Options{.folder = folder.path + "/other", .bridge = "devenv7", .subnet = "10.93.0.0/24"});
  ASSERT_TRUE(other) << other.error().message;
  ASSERT_TRUE(network->shut_down());
  network.reset();
  EXPECT_EQ(forwards(), "1\n");
  ASSERT_TRUE((*other)->shut_down());
  EXPECT_EQ(forwards(), "0\n");
}

TEST_F(Neighbours, ForwardingThatAnotherBridgeNeedsStaysOn) {
  ip({"link", "add", "docker0", "type", "bridge"});
  ASSERT_TRUE(network->shut_down());
  network.reset();
  EXPECT_EQ(forwards(), "1\n");
  ip({"link", "delete", "docker0"});
  auto rules = run(Command{.argv = {"nft", "list", "ruleset"}});
  EXPECT_THAT(rules->out, Not(HasSubstr("devenv")));
}

TEST_F(Neighbours, PacketsAreNoLargerThanTheWayOutTakes) {
  EXPECT_EQ(mtu_in(attach("before").netns), 1500);
  Outside outside(folder.path);
  ip({"link", "set", "up0", "mtu", "1400"});
  ip({"route", "add", "default", "via", "198.51.100.2"});
  EXPECT_EQ(mtu_in(attach("one").netns), 1400);
}

TEST_F(Neighbours, InsideThereIsAnIpv6LoopbackAndNoOtherIpv6) {
  auto one = attach("one");
  auto where = open_netns(one.netns);
  ASSERT_TRUE(where);
  auto done = in_netns(where->get(), []() -> Result<void> {
    Fd socket(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in6 name{};
    name.sin6_family = AF_INET6;
    name.sin6_addr = in6addr_loopback;
    EXPECT_EQ(::bind(socket.get(), reinterpret_cast<sockaddr*>(&name), sizeof name), 0);
    auto addresses = run(Command{.argv = {"ip", "-6", "address", "show", "scope", "global"}});
    EXPECT_TRUE(addresses);
    EXPECT_EQ(addresses->out, "");
    return {};
  });
  EXPECT_TRUE(done);
}

}  // namespace
}  // namespace photon::network
