// Sessions as OpenSSH's client asks for them.
#include "tests/integration/gateway/daemon.hpp"

#include <signal.h>
#include <unistd.h>

namespace photon::test {
namespace {

const std::string host = "web@127.0.0.1";

using SessionTest = GatewayTest;

TEST_F(SessionTest, CommandOutputErrorAndStatus) {
  auto result = run_ssh({host, "echo out; echo err >&2; exit 7"});
  EXPECT_EQ(result.out, "out\n");
  EXPECT_EQ(result.err, "err\n");
  EXPECT_EQ(result.status, 7);
}

TEST_F(SessionTest, StatusWithTerminal) {
  auto result = run_ssh({"-tt", host, "tty; exit 9"});
  EXPECT_EQ(result.out, "/dev/pts/0\r\n") << result.err;
  EXPECT_EQ(result.status, 9);
}

TEST_F(SessionTest, LongOutputOfTerminalIsWhole) {
  auto result = run_ssh({"-tt", host, "seq 1 100000"});
  EXPECT_EQ(result.out.size(), 588895u + 100000u);
  EXPECT_TRUE(result.out.ends_with("99999\r\n100000\r\n"));
}

TEST_F(SessionTest, DeathBySignalIsTold) {
  for (const char* flag : {"-T", "-tt"}) {
    auto result = run_ssh({flag, host, "kill -TERM $$"});
    EXPECT_EQ(result.status, 255) << flag;  // what ssh makes of exit-signal
  }
}

TEST_F(SessionTest, LoginShellReadsStandardInput) {
  auto result = run_ssh({"-T", host}, "shopt -q login_shell && echo login; pwd; exit 3\n");
  EXPECT_EQ(result.out, "login\n/usr\n");
  EXPECT_EQ(result.status, 3);
}

TEST_F(SessionTest, StandardStreamsCanBeOpenedByName) {
  auto result = run_ssh({host, "cat /dev/stdin; echo out >/dev/stdout; echo err >/dev/stderr"}, "in\n");
  EXPECT_EQ(result.out, "in\nout\n");
  EXPECT_EQ(result.err, "err\n");
}

TEST_F(SessionTest, InputEndsWhileOutputGoesOn) {
  auto result = run_ssh({host, "cat; sleep 0.3; echo after"}, "before\n");
  EXPECT_EQ(result.out, "before\nafter\n");
}

TEST_F(SessionTest, EnvironmentIsPassedAndGuarded) {
  auto result = run_ssh(
      {"-o", "SetEnv=LC_ALL=C.UTF-8 LD_PRELOAD=/x COLORTERM=truecolor", host,
       "echo $LC_ALL,$LD_PRELOAD,$COLORTERM,$FROM,$USER,$HOME; echo $SSH_CONNECTION; echo $SSH_CLIENT"});
  auto lines = result.out;
  EXPECT_TRUE(lines.starts_with("C.UTF-8,,truecolor,environment,root,/root\n127.0.0.1 ")) << lines;
  EXPECT_NE(lines.find(fmt::format(" 127.0.0.1 {}\n127.0.0.1 ", daemon_->port())), std::string::npos)
      << lines;
}

TEST_F(SessionTest, TerminalVariables) {
  auto result = run(Command{
      .argv = ssh({"-tt", host, "echo $TERM $SSH_TTY"}),
      .environment = std::map<std::string, std::string>{{"TERM", "screen-256color"}, {"PATH", "/usr/bin"}}});
  EXPECT_EQ(result->out, "screen-256color /dev/pts/0\r\n");
}

TEST_F(SessionTest, ManySessionsOverOneConnection) {
  std::string control = path("control");
  auto master = start(Command{.argv = ssh({"-N", "-M", "-S", control, host}), .error = 2});
  ASSERT_TRUE(master);
  ASSERT_TRUE(eventually([&] { return ::access(control.c_str(), F_OK) == 0; }));
  std::vector<std::jthread> threads;
  std::atomic<int> right = 0;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&, i] {
      for (int round = 0; round < 12; ++round) {
        auto result = run_ssh({"-S", control, host, fmt::format("sleep 0.02; echo {}; exit {}", i, i)});
        EXPECT_EQ(result.out, std::to_string(i) + "\n") << result.err;
        EXPECT_EQ(result.status, i) << result.err;
        if (result.status == i) ++right;
      }
    });
  threads.clear();
  EXPECT_EQ(right, 96);
  EXPECT_EQ(daemon_->gateways(), 1u);
  (void)master->stop(std::chrono::seconds(5));
  EXPECT_TRUE(all_gone());
}

TEST_F(SessionTest, KilledClientLeavesNothingOfItsTerminal) {
  auto pipe = make_pipe();
  auto client = start(
      Command{.argv = ssh({"-tt", host, "echo started; exec sleep 4242"}), .output = pipe->second.get()});
  ASSERT_TRUE(client);
  char byte = 0;
  ASSERT_EQ(::read(pipe->first.get(), &byte, 1), 1);
  (void)client->signal(SIGKILL);
  (void)client->wait();
  EXPECT_TRUE(all_gone());
  EXPECT_TRUE(eventually([&] { return run_ssh({host, "pgrep -fx 'sleep 4242'"}).out.empty(); }));
}

TEST_F(SessionTest, WhatMovedToItsOwnSessionOutlivesTheConnection) {
  auto first = run_ssh({host, "setsid sleep 4343 </dev/null >/dev/null 2>&1 & echo $!"});
  EXPECT_EQ(first.status, 0);
  EXPECT_TRUE(all_gone());
  EXPECT_FALSE(run_ssh({host, "pgrep -fx 'sleep 4343'"}).out.empty());
  EXPECT_EQ(run_ssh({host, "pkill -fx 'sleep 4343'"}).status, 0);
}

TEST_F(SessionTest, UnknownSubsystemIsRefused) {
  EXPECT_EQ(run_ssh({"-s", host, "netconf"}).status, 255);
  EXPECT_TRUE(all_gone());
}

}  // namespace
}  // namespace photon::test
