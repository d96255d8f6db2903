// Sockets in network namespaces, and a network opened in namespaces of the test's own.
#pragma once
#include <arpa/inet.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include "devenv/core/mounts.hpp"
#include "devenv/core/process.hpp"
#include "devenv/engine/network/netns.hpp"
#include "devenv/engine/network/network.hpp"
#include "tests/fixtures/temp_folder.hpp"

namespace photon::network {

inline sockaddr_in endpoint(const std::string& address, int port) {
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(static_cast<std::uint16_t>(port));
  ::inet_pton(AF_INET, address.c_str(), &name.sin_addr);
  return name;
}

/// A socket of the namespace, which it keeps for life.
inline Fd socket_in(const std::string& netns) {
  Fd made;
  auto where = open_netns(netns);
  auto done = in_netns(where ? where->get() : -1, [&]() -> Result<void> {
    made.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    return {};
  });
  EXPECT_TRUE(where && done && made);
  return made;
}

inline Fd listen_in(const std::string& netns, const std::string& address, int port) {
  Fd fd = socket_in(netns);
  auto name = endpoint(address, port);
  EXPECT_EQ(::bind(fd.get(), reinterpret_cast<sockaddr*>(&name), sizeof name), 0) << std::strerror(errno);
  EXPECT_EQ(::listen(fd.get(), 8), 0);
  return fd;
}

/// Whether a connection comes about, be it with the second packet: a link just brought up may drop the first.
inline bool connects(Fd& fd, const std::string& address, int port) {
  auto name = endpoint(address, port);
  timeval limit{.tv_sec = 2, .tv_usec = 0};
  ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  return ::connect(fd.get(), reinterpret_cast<sockaddr*>(&name), sizeof name) == 0;
}

inline std::string peer_of_next(Fd& listener) {
  pollfd waiting{listener.get(), POLLIN, 0};
  if (::poll(&waiting, 1, 2000) <= 0) return "nobody";
  sockaddr_in name{};
  socklen_t size = sizeof name;
  Fd accepted(::accept4(listener.get(), reinterpret_cast<sockaddr*>(&name), &size, SOCK_CLOEXEC));
  char text[INET_ADDRSTRLEN] = {};
  ::inet_ntop(AF_INET, &name.sin_addr, text, sizeof text);
  return text;
}

/// Runs a program of the machine in that namespace.
inline void program(const std::vector<std::string>& argv, const std::string& netns = {}) {
  auto where = open_netns(netns);
  ASSERT_TRUE(where);
  auto done = in_netns(where->get(), [&]() -> Result<void> {
    auto output = run(Command{.argv = argv});
    EXPECT_TRUE(output && output->status == 0) << testing::PrintToString(argv) << (output ? output->err : "");
    return {};
  });
  ASSERT_TRUE(done);
}

inline void ip(std::vector<std::string> words, const std::string& netns = {}) {
  words.insert(words.begin(), "ip");
  program(words, netns);
}

// A peer behind a link of the machine, which knows no way back to the environments.
class Outside {
 public:
  explicit Outside(const std::string& folder) : netns(folder + "/outside") {
    EXPECT_TRUE(make_netns(netns, []() -> Result<void> { return {}; }));
    ip({"link", "add", "up0", "type", "veth", "peer", "name", "up1"});
    ip({"link", "set", "up1", "netns", netns});
    ip({"address", "add", "198.51.100.1/24", "dev", "up0"});
    ip({"link", "set", "up0", "up"});
    ip({"address", "add", "198.51.100.2/24", "dev", "up1"}, netns);
    ip({"link", "set", "up1", "up"}, netns);
  }
  ~Outside() {
    ip({"link", "delete", "up0"});
    EXPECT_TRUE(remove_netns(netns));
  }
  std::string netns;
};

class NetworkOfRoot : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    ASSERT_EQ(::unshare(CLONE_NEWNET | CLONE_NEWNS), 0) << std::strerror(errno);
    ASSERT_EQ(part_mounts(MS_PRIVATE), 0);
    ip({"link", "set", "lo", "up"});
  }

  void SetUp() override { reopen(); }
  void TearDown() override {
    if (network) {
      auto down = network->shut_down();
      EXPECT_TRUE(down) << down.error().message;
    }
  }

  /// As after a crash: nothing is told to the old one.
  void reopen() {
    network.reset();
    auto opened = Network::open(Options{.folder = folder.path + "/network"});
    ASSERT_TRUE(opened) << opened.error().message;
    network = std::move(*opened);
  }

  Attachment attach(const std::string& id, std::uint32_t owner = 0) {
    auto attachment = network->attach(id, owner);
    EXPECT_TRUE(attachment) << attachment.error().message;
    return attachment ? *attachment : Attachment{};
  }

  fixtures::TempFolder folder;
  std::unique_ptr<Network> network;
};

}  // namespace photon::network
