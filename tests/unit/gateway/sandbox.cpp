// What the gateway gives up, tried by a child that has given it up.
#include "devenv/gateway/sandbox.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "devenv/gateway/rights.hpp"

namespace photon::gateway {
namespace {

/// What `attempt` returns, told by a child of which the sandbox is.
int in_sandbox(const std::function<int()>& attempt) {
  pid_t child = ::fork();
  if (child == 0) {
    bool entered = ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && enter_sandbox().has_value();
    ::_exit(entered ? attempt() : 99);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int outcome(long result) { return result < 0 ? errno : 0; }

TEST(Sandbox, StartsNoProgram) {
  char name[] = "/bin/true";
  char* words[] = {name, nullptr};
  EXPECT_EQ(in_sandbox([&] { return outcome(::execv(name, words)); }), EPERM);
}

TEST(Sandbox, OpensNoFileWhereTheKernelHasLandlock) {
  bool landlock = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, 1U) > 0;
  int expected = landlock ? EACCES : 0;
  EXPECT_EQ(in_sandbox([] { return outcome(::open("/etc/passwd", O_RDONLY)); }), expected);
}

TEST(Sandbox, ReachesNoNetworkAndNoOtherProcess) {
  EXPECT_EQ(in_sandbox([] { return outcome(::socket(AF_INET, SOCK_STREAM, 0)); }), EPERM);
  EXPECT_EQ(in_sandbox([] { return outcome(::socket(AF_NETLINK, SOCK_RAW, 0)); }), EPERM);
  EXPECT_EQ(in_sandbox([] { return outcome(::kill(::getppid(), 0)); }), EPERM);
  EXPECT_EQ(in_sandbox([] { return outcome(::unshare(CLONE_NEWUSER)); }), EPERM);
}

TEST(Sandbox, LeavesWhatTheGatewayNeeds) {
  EXPECT_EQ(in_sandbox([] {
              bool ran = false;
              std::thread([&] { ran = true; }).join();
              int pair[2];
              bool pairs = ::socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0;
              return ran && pairs && ::socket(AF_UNIX, SOCK_DGRAM, 0) >= 0 ? 0 : 1;
            }),
            0);
}

TEST(Rights, GivesUpUserFilesAndPrograms) {
  pid_t child = ::fork();
  if (child == 0) {
    bool root = ::geteuid() == 0;
    if (!drop_rights()) ::_exit(1);
    if (root && ::geteuid() == 0) ::_exit(2);
    if (::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1 || ::prctl(PR_GET_DUMPABLE) != 0) ::_exit(3);
    ::_exit(::socket(AF_INET, SOCK_STREAM, 0) < 0 && errno == EPERM ? 0 : 4);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace photon::gateway
