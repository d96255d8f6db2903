// Names looked up by the real init process, against dnsmasq and a hosts file, in a network of the test's own.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fmt/format.h>
#include <filesystem>
#include <fstream>

#include "devenv/core/mounts.hpp"
#include "devenv/core/process.hpp"
#include "devenv/inside/protocol.hpp"
#include "tests/fixtures/temp_folder.hpp"

namespace photon::inside {
namespace {

void write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

void raise_loopback() {
  Fd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP;
  ASSERT_EQ(::ioctl(socket.get(), SIOCSIFFLAGS, &request), 0) << std::strerror(errno);
}

// Of the whole test program, once: it has no other tests.
void enter_own_network() {
  unsigned user = ::geteuid();
  unsigned group = ::getegid();
  ASSERT_EQ(::unshare(CLONE_NEWNET | CLONE_NEWNS | (user == 0 ? 0 : CLONE_NEWUSER)), 0)
      << std::strerror(errno);
  if (user != 0) {
    write("/proc/self/setgroups", "deny");
    write("/proc/self/uid_map", fmt::format("0 {} 1", user));
    write("/proc/self/gid_map", fmt::format("0 {} 1", group));
  }
  ASSERT_EQ(part_mounts(MS_PRIVATE), 0);
  raise_loopback();
}

class NamesTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { enter_own_network(); }

  void SetUp() override {
    cover_etc();
    launch(servers_,
           {"dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--pid-file=", "--user=root",
            "--group=root", "--no-resolv", "--no-hosts", "--listen-address=127.0.0.1", "--bind-interfaces",
            "--address=/web.inner.example/127.0.0.3", "--address=/six.example/::1",
            "--address=/metadata.example/169.254.169.254", "--cname=alias.example,target.example",
            "--host-record=target.example,127.0.0.4", "--address=/missing.example/"});
    listen_everywhere();
    launch(init_, {std::string(PHOTON_BUILD_DIR) + "/bin/devenv-inside", "init", "--any-peer", "--socket",
                   socket()});
    for (int i = 0; i < 500 && !connect(socket()); ++i) ::usleep(10000);
    for (int i = 0; i < 500 && !look_up("web.inner.example"); ++i) ::usleep(10000);
  }
  void TearDown() override {
    (void)init_.stop(std::chrono::seconds(5));
    (void)servers_.stop(std::chrono::seconds(5));
    ::umount2("/etc", MNT_DETACH);
  }

  /// An /etc of the test's own: the machine's may lack either file.
  void cover_etc() {
    std::string own = folder_.path + "/etc";
    std::filesystem::create_directory(own);
    for (const char* name : {"/passwd", "/group"})
      std::filesystem::copy_file(std::string("/etc") + name, own + name);
    write(own + "/resolv.conf", "search inner.example\nnameserver 127.0.0.1\noptions timeout:1 attempts:1\n");
    write(own + "/hosts",
          "127.0.0.1 localhost\n127.0.0.2\tDb.example db  # the data base\n169.254.169.254 meta\n");
    ASSERT_EQ(::mount(own.c_str(), "/etc", nullptr, MS_BIND, nullptr), 0) << std::strerror(errno);
  }
  void listen_everywhere() {
    listener_ = Fd(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in6 address{.sin6_family = AF_INET6};
    socklen_t size = sizeof address;
    auto* any = reinterpret_cast<sockaddr*>(&address);
    ASSERT_EQ(::bind(listener_.get(), any, size), 0) << std::strerror(errno);
    ASSERT_EQ(::listen(listener_.get(), 16), 0);
    ASSERT_EQ(::getsockname(listener_.get(), any, &size), 0);
    port_ = ntohs(address.sin6_port);
  }
  static void launch(Child& child, std::vector<std::string> argv) {
    auto started = start(Command{.argv = std::move(argv), .error = 2});
    ASSERT_TRUE(started) << started.error().message;
    child = std::move(*started);
  }
  std::string socket() const { return folder_.path + "/s"; }
  Result<Fd> look_up(const std::string& name) {
    auto connection = connect(socket());
    if (!connection) return tl::unexpected(connection.error());
    return connect_tcp(std::move(*connection), name, port_);
  }
  std::string reached(const std::string& name) {
    auto fd = look_up(name);
    if (!fd) return sentence(fd.error());
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    ::getpeername(fd->get(), reinterpret_cast<sockaddr*>(&peer), &size);
    char text[64] = "";
    ::getnameinfo(reinterpret_cast<sockaddr*>(&peer), size, text, sizeof text, nullptr, 0, NI_NUMERICHOST);
    return text;
  }

  fixtures::TempFolder folder_;
  Child servers_;
  Child init_;
  Fd listener_;  ///< on every address
  std::uint16_t port_ = 0;
};

TEST_F(NamesTest, HostsFileWithoutRegardToCase) {
  EXPECT_EQ(reached("db"), "127.0.0.2");
  EXPECT_EQ(reached("dB.EXAMPLE"), "127.0.0.2");
}

TEST_F(NamesTest, NameServersWithSearchAliasAndIpv6) {
  EXPECT_EQ(reached("web.inner.example"), "127.0.0.3");
  EXPECT_EQ(reached("web"), "127.0.0.3");
  EXPECT_EQ(reached("alias.example"), "127.0.0.4");
  EXPECT_EQ(reached("six.example"), "::1");
}

TEST_F(NamesTest, WhatHasNoAddressIsNamed) {
  EXPECT_EQ(reached("missing.example"), "\"missing.example\" has no address in the environment");
  EXPECT_EQ(reached(std::string(300, 'x')), "that is no host's name");
}

TEST_F(NamesTest, CredentialsOfACloudAreNotReachable) {
  for (const char* address : {"169.254.169.254", "::ffff:a9fe:a9fe", "fd00:ec2::254"})
    EXPECT_EQ(reached(address), fmt::format("{} is not reachable through here", address));
  EXPECT_EQ(reached("meta"), "meta is not reachable through here");
  EXPECT_EQ(reached("metadata.example"), "metadata.example is not reachable through here");
}

TEST_F(NamesTest, ASlowServerHoldsNobodyUp) {
  (void)servers_.signal(SIGSTOP);
  auto waiting = connect(socket());
  ASSERT_TRUE(waiting);
  ASSERT_TRUE(send_message(waiting->get(), R"({"op":"connect","host":"web.inner.example","port":1})"));
  EXPECT_EQ(reached("db"), "127.0.0.2");
  waiting->reset();  // whoever asked has gone: the process that looks up goes, too
  (void)servers_.signal(SIGCONT);
  EXPECT_EQ(reached("web"), "127.0.0.3");
}

}  // namespace
}  // namespace photon::inside
