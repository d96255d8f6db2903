// The network of environments as root, in a network and mount namespace of the test's own.
#include "tests/integration/network/network_fixture.hpp"

#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <vector>

#include "devenv/engine/network/netlink.hpp"

namespace photon::network {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST_F(NetworkOfRoot, TwoEnvironmentsReachEachOther) {
  auto one = attach("one");
  auto two = attach("two");
  EXPECT_NE(one.address, two.address);
  EXPECT_EQ(one.gateway, "10.87.0.1");
  Fd listener = listen_in(one.netns, "0.0.0.0", 8080);
  Fd client = socket_in(two.netns);
  EXPECT_TRUE(connects(client, one.address, 8080)) << std::strerror(errno);
  EXPECT_EQ(peer_of_next(listener), two.address);
}

TEST_F(NetworkOfRoot, TheMachineReachesAnEnvironmentAndItsLoopbackIsUp) {
  auto one = attach("one");
  Fd listener = listen_in(one.netns, "127.0.0.1", 8080);
  Fd inside = socket_in(one.netns);
  EXPECT_TRUE(connects(inside, "127.0.0.1", 8080));
  Fd open = listen_in(one.netns, one.address, 8081);
  Fd machine = socket_in("");
  EXPECT_TRUE(connects(machine, one.address, 8081));
}

TEST_F(NetworkOfRoot, EnvironmentsReachTheOutsideUnderTheMachinesAddress) {
  Outside outside(folder.path);
  auto one = attach("one");
  EXPECT_EQ(network->outbound_problem(), "");
  Fd listener = listen_in(outside.netns, "198.51.100.2", 80);
  Fd client = socket_in(one.netns);
  EXPECT_TRUE(connects(client, "198.51.100.2", 80)) << std::strerror(errno);
  EXPECT_EQ(peer_of_next(listener), "198.51.100.1");
}

TEST_F(NetworkOfRoot, TheOutsideDoesNotReachEnvironments) {
  Outside outside(folder.path);
  auto one = attach("one");
  ip({"route", "add", "10.87.0.0/16", "via", "198.51.100.1"}, outside.netns);
  Fd listener = listen_in(one.netns, "0.0.0.0", 8080);
  Fd stranger = socket_in(outside.netns);
  EXPECT_FALSE(connects(stranger, one.address, 8080));
}

TEST_F(NetworkOfRoot, AttachingTwiceChangesNothing) {
  auto one = attach("one");
  Fd listener = listen_in(one.netns, "0.0.0.0", 8080);
  auto again = attach("one");
  EXPECT_EQ(again.address, one.address);
  EXPECT_EQ(again.netns, one.netns);
  Fd client = socket_in(attach("two").netns);
  EXPECT_TRUE(connects(client, one.address, 8080));
}

TEST_F(NetworkOfRoot, DetachTakesAllAwayAndIsIdempotent) {
  auto one = attach("one");
  ASSERT_TRUE(network->detach("one"));
  EXPECT_FALSE(std::filesystem::exists(one.netns));
  EXPECT_THAT(*network->list(), IsEmpty());
  EXPECT_TRUE(network->detach("one"));
  EXPECT_TRUE(network->detach("never there"));
  // The same id has the same address again.
  EXPECT_EQ(attach("one").address, one.address);
}

TEST_F(NetworkOfRoot, AfterACrashAttachmentsAreStillThere) {
  auto one = attach("one");
  Fd listener = listen_in(one.netns, "0.0.0.0", 8080);
  reopen();
  auto found = network->list();
  ASSERT_TRUE(found);
  ASSERT_THAT(*found, SizeIs(1));
  EXPECT_EQ(found->front().id, "one");
  EXPECT_EQ(found->front().address, one.address);
  EXPECT_EQ(attach("one").address, one.address);
  Fd client = socket_in(attach("two").netns);
  EXPECT_TRUE(connects(client, one.address, 8080));
}

TEST_F(NetworkOfRoot, WhatACrashLeftHalfDoneIsMadeWhole) {
  auto one = attach("one");
  // The mount went, its file and the claim of the address stayed.
  ASSERT_EQ(::umount2(one.netns.c_str(), MNT_DETACH), 0);
  EXPECT_THAT(*network->list(), IsEmpty());
  auto again = attach("one");
  EXPECT_EQ(again.address, one.address);
  Fd listener = listen_in(again.netns, "0.0.0.0", 8080);
  Fd client = socket_in("");
  EXPECT_TRUE(connects(client, again.address, 8080));
}

TEST_F(NetworkOfRoot, WhatARebootLeftOnADiskIsForgotten) {
  auto one = attach("one");
  ASSERT_EQ(::umount2(one.netns.c_str(), MNT_DETACH), 0);
  reopen();
  EXPECT_FALSE(std::filesystem::exists(one.netns));
  EXPECT_TRUE(std::filesystem::is_empty(folder.path + "/network/addresses"));
}

TEST_F(NetworkOfRoot, ANamespaceMountedLaterIsSeenInAMountNamespaceOfBefore) {
  // A process in a slave copy of our mounts, as containerd is.
  auto pipe = make_pipe();
  auto answer = make_pipe();
  ASSERT_TRUE(pipe && answer);
  std::string path = folder.path + "/network/netns/one";
  pid_t child = ::fork();
  if (child == 0) {
    char byte = 'x';
    bool good = ::unshare(CLONE_NEWNS) == 0 && part_mounts(MS_SLAVE) == 0;
    good = good && ::write(answer->second.get(), &byte, 1) == 1 && ::read(pipe->first.get(), &byte, 1) == 1;
    ::_exit(good && is_netns(path) ? 0 : 1);
  }
  char byte = 'x';
  ASSERT_EQ(::read(answer->first.get(), &byte, 1), 1);
  attach("one");
  ASSERT_EQ(::write(pipe->second.get(), &byte, 1), 1);
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST_F(NetworkOfRoot, ShutDownLeavesNothing) {
  attach("one");
  attach("two");
  ASSERT_TRUE(network->shut_down());
  network.reset();
  EXPECT_FALSE(std::filesystem::exists(folder.path + "/network"));
  auto netlink = Netlink::open();
  ASSERT_TRUE(netlink);
  EXPECT_EQ(*netlink->index_of("devenv0"), 0u);
  auto rules = run(Command{.argv = {"nft", "list", "ruleset"}});
  ASSERT_TRUE(rules);
  EXPECT_EQ(rules->out, "");
  auto mounts = read_file("/proc/self/mountinfo");
  EXPECT_THAT(*mounts, testing::Not(HasSubstr(folder.path)));
}

TEST_F(NetworkOfRoot, ASmallSubnetFillsUp) {
  ASSERT_TRUE(network->shut_down());
  auto small =
      Network::open(Options{.folder = folder.path + "/small", .bridge = "devenv9", .subnet = "10.88.0.0/29"});
  ASSERT_TRUE(small) << small.error().message;
  for (int index = 0; index < 5; ++index) EXPECT_TRUE((*small)->attach(std::to_string(index)));
  auto sixth = (*small)->attach("5");
  ASSERT_FALSE(sixth);
  EXPECT_EQ(sixth.error().code, "network.full");
  EXPECT_THAT(*(*small)->list(), SizeIs(5));
  EXPECT_TRUE((*small)->shut_down());
  network.reset();
}

TEST_F(NetworkOfRoot, AThreadOfTheDaemonKeepsItsNamespace) {
  auto before = std::filesystem::read_symlink("/proc/thread-self/ns/net");
  attach("one");
  EXPECT_EQ(std::filesystem::read_symlink("/proc/thread-self/ns/net"), before);
}

TEST(NetworkOptions, ASubnetThatIsNoneIsRefused) {
  for (const char* subnet : {"10.87.0.1/16", "10.87.0.0", "10.87.0.0/30", "10.87.0.0/16x", "fd00::/64", ""}) {
    auto opened = Network::open(Options{.folder = "/nonexistent/photon", .subnet = subnet});
    ASSERT_FALSE(opened) << subnet;
    EXPECT_EQ(opened.error().code, "network.subnet");
  }
}

}  // namespace
}  // namespace photon::network
