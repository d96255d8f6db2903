// What else a developer's machine has: Docker's or ufw's firewall, a name server on the loopback.
#include <atomic>
#include <filesystem>
#include <thread>

#include "tests/integration/network/network_fixture.hpp"

namespace photon::network {
namespace {

using testing::HasSubstr;
using testing::Not;

class OnAMachine : public NetworkOfRoot {
 protected:
  void SetUp() override {}
  void TearDown() override {
    NetworkOfRoot::TearDown();
    program({"nft", "flush", "ruleset"});
  }

  static std::string rules(const std::vector<std::string>& which = {"ruleset"}) {
    Command command{.argv = {"nft", "list"}};
    command.argv.insert(command.argv.end(), which.begin(), which.end());
    auto output = run(std::move(command));
    return output ? output->out : "";
  }

  void expect_outbound() {
    Outside outside(folder.path);
    auto one = attach("one");
    Fd listener = listen_in(outside.netns, "198.51.100.2", 80);
    Fd client = socket_in(one.netns);
    EXPECT_TRUE(connects(client, "198.51.100.2", 80)) << std::strerror(errno);
    EXPECT_EQ(peer_of_next(listener), "198.51.100.1");
  }
};

TEST_F(OnAMachine, AFirewallThatDropsForwardingLetsEnvironmentsOut) {
  program({"nft",
           "add table ip filter; add chain ip filter FORWARD "
           "{ type filter hook forward priority 0; policy drop; }"});
  reopen();
  reopen();
  expect_outbound();
  ASSERT_TRUE(network->shut_down());
  network.reset();
  EXPECT_THAT(rules(), HasSubstr("chain FORWARD"));
  EXPECT_THAT(rules(), Not(HasSubstr("devenv")));
}

TEST_F(OnAMachine, BesideDockerTheRulesAreInItsChainForOthers) {
  program({"nft",
           "add table ip filter; add chain ip filter DOCKER-USER; add chain ip filter FORWARD "
           "{ type filter hook forward priority 0; policy drop; }; "
           "add rule ip filter FORWARD jump DOCKER-USER"});
  reopen();
  const std::vector<std::string> filter = {"table", "ip", "filter"};
  auto before = rules(filter);
  expect_outbound();
  reopen();
  EXPECT_EQ(before, rules(filter)) << "opened again, the rules are there twice";
  EXPECT_TRUE(network->shut_down());
  network.reset();
  EXPECT_THAT(rules(), Not(HasSubstr("devenv")));
}

/// Changes /etc/resolv.conf for the mount namespace of the test.
class ResolvConf {
 public:
  ResolvConf(const std::string& folder, const std::string& text) {
    std::string path = folder + "/resolv.conf";
    EXPECT_TRUE(write_file(path, text, 0644));
    EXPECT_EQ(::mount(path.c_str(), "/etc/resolv.conf", nullptr, MS_BIND, nullptr), 0)
        << std::strerror(errno);
  }
  ~ResolvConf() { ::umount2("/etc/resolv.conf", MNT_DETACH); }
};

TEST_F(OnAMachine, ANameServerOnTheLoopbackAnswersAtTheGateway) {
  ResolvConf changed(folder.path, "nameserver 127.0.0.1\nsearch example.org\n");
  reopen();
  auto one = attach("one");
  EXPECT_EQ(*network->resolv_conf(), "nameserver 10.87.0.1\nsearch example.org\n");
  Fd server = listen_in("", "127.0.0.1", 53);
  Fd client = socket_in(one.netns);
  EXPECT_TRUE(connects(client, "10.87.0.1", 53)) << std::strerror(errno);
  EXPECT_EQ(peer_of_next(server), one.address);
}

TEST_F(OnAMachine, NothingElseOfTheLoopbackIsReached) {
  ResolvConf changed(folder.path, "nameserver 127.0.0.1\n");
  reopen();
  auto one = attach("one");
  Fd server = listen_in("", "127.0.0.1", 8080);
  // A container's root who may change its network can send packets for 127.0.0.1 by the bridge.
  program({"sh", "-ec",
           "echo 1 > /proc/sys/net/ipv4/conf/eth0/route_localnet; ip address flush dev lo; "
           "ip route flush table local dev lo; ip route add 127.0.0.1 via 10.87.0.1 dev eth0"},
          one.netns);
  Fd client = socket_in(one.netns);
  EXPECT_FALSE(connects(client, "127.0.0.1", 8080));
  Fd other = socket_in(one.netns);
  EXPECT_FALSE(connects(other, "10.87.0.1", 8080));
}

}  // namespace
}  // namespace photon::network
