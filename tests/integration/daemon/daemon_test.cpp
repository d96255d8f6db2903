#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <thread>

#include "tests/integration/daemon/running_daemon.hpp"

namespace photon::daemon {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

TEST(Daemon, AnswersStopsAtSigtermAndComesBack) {
  RunningDaemon daemon;
  auto status = daemon.client().status();
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_EQ(status->pid, daemon.pid());
  EXPECT_THAT(status->engine, StartsWith("containerd "));
  EXPECT_EQ(*daemon.stop(), 0);
  EXPECT_THAT(daemon.log(), HasSubstr("stopped"));
  ASSERT_TRUE(daemon.start_devenvd()) << daemon.log();
  EXPECT_TRUE(daemon.client().environments()->empty());
}

TEST(Daemon, ASecondOneFindsTheFirstAndGoes) {
  RunningDaemon daemon;
  auto second = daemon.start_again();
  ASSERT_TRUE(second);
  EXPECT_EQ(second->status, 0);
  EXPECT_THAT(second->err, HasSubstr("another one is running"));
  EXPECT_EQ(daemon.client().status()->pid, daemon.pid());
}

TEST(Daemon, ItsSocketsAreItsUsersAlone) {
  RunningDaemon daemon;
  for (const auto& path :
       {daemon.paths.api_socket(), daemon.paths.broker_socket(), daemon.paths.ssh_socket()}) {
    struct stat found{};
    ASSERT_EQ(::stat(path.c_str(), &found), 0) << path;
    EXPECT_EQ(found.st_mode & 0007, 0U) << path;
  }
  struct stat key{};
  ASSERT_EQ(::stat((daemon.paths.data + "/ssh_host_ed25519_key").c_str(), &key), 0);
  EXPECT_EQ(key.st_mode & 0777, 0600U);
}

TEST(Daemon, IdleItIsSmall) {
  RunningDaemon daemon;
  Result<wire::DaemonStatus> status = daemon.client().status();
  ASSERT_TRUE(status);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // whose shadows are many times that
  // What the start has taken is given back once reconciling is done.
  for (int i = 0; i < 100 && status && status->rss >= 40U << 20; ++i) {
    ::usleep(50'000);
    status = daemon.client().status();
  }
  ASSERT_TRUE(status);
  EXPECT_LT(status->rss, 40U << 20);
#endif
}

TEST(Daemon, EachSshConnectionGetsAGateway) {
  RunningDaemon daemon;
  auto socket = connect_unix(daemon.paths.ssh_socket(), SOCK_STREAM);
  ASSERT_TRUE(socket);
  pollfd waiting{socket->get(), POLLIN, 0};
  ASSERT_EQ(::poll(&waiting, 1, 10'000), 1);
  std::string banner(64, '\0');
  auto count = ::recv(socket->get(), banner.data(), banner.size(), 0);
  ASSERT_GT(count, 0);
  EXPECT_THAT(banner, StartsWith("SSH-2.0-"));
}

TEST(Daemon, WrongWordsAreUsage) {
  auto output = run({.argv = {PHOTON_BUILD_DIR "/bin/devenvd", "--sytsem"}});
  ASSERT_TRUE(output);
  EXPECT_EQ(output->status, 2);
  EXPECT_THAT(output->err, HasSubstr("--sytsem"));
}

}  // namespace
}  // namespace photon::daemon
