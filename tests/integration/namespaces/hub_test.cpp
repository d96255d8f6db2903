// An ordinary user's environments: their bridge is in the holder's network namespace, pasta or slirp4netns
// leads out.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "tests/integration/namespaces/user_test.hpp"

namespace photon {
namespace {

using testing::HasSubstr;

constexpr const char* machine_address = "198.51.100.1";

/// Says "welcome" to everybody who connects.
class Server {
 public:
  explicit Server(const char* address) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in name{};
    name.sin_family = AF_INET;
    ::inet_pton(AF_INET, address, &name.sin_addr);
    EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&name), sizeof name), 0)
        << std::strerror(errno);
    EXPECT_EQ(::listen(socket_.get(), 8), 0);
    socklen_t size = sizeof name;
    ::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&name), &size);
    port = ntohs(name.sin_port);
    thread_ = std::jthread([this](std::stop_token stop) {
      while (!stop.stop_requested()) {
        pollfd waiting{socket_.get(), POLLIN, 0};
        if (::poll(&waiting, 1, 20) <= 0) continue;
        Fd accepted(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        (void)write_all(accepted.get(), "welcome");
      }
    });
  }
  int port = 0;

 private:
  Fd socket_;
  std::jthread thread_;
};

class Hub : public UserTest {
 protected:
  static void SetUpTestSuite() {
    UserTest::SetUpTestSuite();
    ip({"link", "set", "lo", "up"});
    ip({"link", "add", "up0", "type", "veth", "peer", "name", "up1"});
    ip({"address", "add", std::string(machine_address) + "/24", "dev", "up0"});
    ip({"link", "set", "up0", "up"});
    ip({"link", "set", "up1", "up"});
    ip({"route", "add", "default", "via", "198.51.100.2"});
  }

  static void ip(std::vector<std::string> words) {
    words.insert(words.begin(), "ip");
    auto output = run(Command{.argv = words});
    ASSERT_TRUE(output && output->status == 0)
        << testing::PrintToString(words) << (output ? output->err : "");
  }

  Output network(const char* address, int port) {
    return as_user({"network", runtime, address, std::to_string(port)});
  }

  std::string uplink_name(const Output& output) {
    auto name = read_file(fmt::format("/proc/{}/comm", std::atoi(value(output.out, "uplink").c_str())));
    return name.value_or("nothing");
  }
};

TEST_F(Hub, AnEnvironmentReachesTheMachinesNetworkByPasta) {
  Server server(machine_address);
  auto output = network(machine_address, server.port);
  EXPECT_EQ(output.status, 0) << output.out << output.err;
  EXPECT_EQ(value(output.out, "problem"), "");
  EXPECT_EQ(value(output.out, "heard"), "welcome");
  EXPECT_THAT(uplink_name(output), testing::AnyOf(HasSubstr("pasta"), HasSubstr("passt"))) << output.err;
}

TEST_F(Hub, TheNextDaemonFindsAllAsItWas) {
  Server server(machine_address);
  auto first = network(machine_address, server.port);
  auto second = network(machine_address, server.port);
  EXPECT_EQ(second.status, 0) << second.out;
  EXPECT_EQ(value(second.out, "address"), value(first.out, "address"));
  EXPECT_EQ(value(second.out, "uplink"), value(first.out, "uplink"));
  EXPECT_EQ(value(second.out, "heard"), "welcome");
}

TEST_F(Hub, TheMachinesLoopbackStaysItsOwn) {
  Server server("127.0.0.1");
  for (const char* address : {"10.0.2.2", "10.87.0.1"}) {
    auto output = network(address, server.port);
    EXPECT_NE(value(output.out, "heard"), "welcome") << address;
  }
}

// pasta copies the interface of the default route. Without one that of Debian 12 does not start, and
// slirp4netns takes its place; that of Debian 13 does.
TEST_F(Hub, WithoutADefaultRouteThereIsAWayOut) {
  ip({"route", "delete", "default"});
  Server server(machine_address);
  auto output = network(machine_address, server.port);
  ip({"route", "add", "default", "via", "198.51.100.2"});
  EXPECT_EQ(output.status, 0) << output.out << output.err;
  EXPECT_EQ(value(output.out, "problem"), "");
  EXPECT_EQ(value(output.out, "heard"), "welcome");
  EXPECT_THAT(uplink_name(output), testing::AnyOf(HasSubstr("slirp4netns"), HasSubstr("pasta")));
}

TEST_F(Hub, WithoutTunTheProblemIsNamedAndEnvironmentsAreStillMade) {
  std::string tun = user.folder + "/tun";
  ASSERT_EQ(::chmod(tun.c_str(), 0600), 0);
  auto output = as_user("network");
  ASSERT_EQ(::chmod(tun.c_str(), 0666), 0);
  EXPECT_EQ(output.status, 0) << output.out;
  EXPECT_THAT(value(output.out, "problem"), HasSubstr("/dev/net/tun cannot be opened"));
  EXPECT_THAT(value(output.out, "problem"), HasSubstr("sudo chmod 0666 /dev/net/tun"));
  EXPECT_THAT(value(output.out, "address"), testing::StartsWith("10.87."));
}

TEST_F(Hub, WithoutRightsEnvironmentsHaveTheirLoopback) {
  auto output = as_user("restricted");
  EXPECT_EQ(output.status, 0) << output.out;
  EXPECT_EQ(value(output.out, "loopback"), "true");
  EXPECT_EQ(value(output.out, "address"), "");
  EXPECT_EQ(value(output.out, "same"), "true");
  EXPECT_THAT(value(output.out, "problem"), HasSubstr("Operation not permitted"));
  EXPECT_FALSE(std::filesystem::exists(runtime + "/network"));
}

// The runtimes that the engine may use; a machine has at least one of them.
TEST_F(Hub, TheRuntimeRunsAContainerThere) {
  int tried = 0;
  for (const char* runtime_name : {"crun", "runc"}) {
    auto path = find_program(runtime_name);
    if (!path) continue;
    ++tried;
    auto output = as_user({"container", fmt::format("{}-{}", runtime, runtime_name), *path});
    EXPECT_EQ(output.status, 0) << output.out;
    EXPECT_EQ(value(output.out, "status"), "0") << output.out;
    EXPECT_THAT(output.out, testing::StartsWith("1000\nsh\n"));
    EXPECT_THAT(output.out, HasSubstr("-- " + value(output.out, "address")));
    EXPECT_EQ(as_user({"leave", fmt::format("{}-{}", runtime, runtime_name)}).status, 0);
  }
  EXPECT_GT(tried, 0);
}

TEST_F(Hub, ShutDownEndsTheWayOut) {
  auto output = as_user("network");
  int uplink = std::atoi(value(output.out, "uplink").c_str());
  ASSERT_GT(uplink, 1);
  auto ended = as_user("end-network");
  EXPECT_EQ(ended.status, 0) << ended.out;
  while (::waitpid(-1, nullptr, WNOHANG) > 0) {
  }
  EXPECT_FALSE(std::filesystem::exists(fmt::format("/proc/{}", uplink)));
  EXPECT_FALSE(std::filesystem::exists(runtime + "/network"));
}

TEST_F(Hub, LeaveEndsAForgottenWayOut) {
  auto output = as_user("network");
  int uplink = std::atoi(value(output.out, "uplink").c_str());
  ASSERT_GT(uplink, 1);
  ASSERT_EQ(as_user("leave").status, 0);
  for (int tries = 0; tries < 100 && ::waitpid(uplink, nullptr, WNOHANG) == 0; ++tries)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_FALSE(std::filesystem::exists(fmt::format("/proc/{}", uplink)));
}

}  // namespace
}  // namespace photon
