// How a sandbox ends: by itself, by limits, by us; and that nothing of it is left.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "devenv/core/process.hpp"
#include "packages/forge/sandbox/cgroup.hpp"
#include "tests/integration/forge_sandbox/inside.hpp"

namespace photon::forge {
namespace {

using namespace std::chrono_literals;

/// Processes of the machine with that word in their command line.
int running(const std::string& word) {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    auto line = read_file(entry.path().string() + "/cmdline");
    if (line && line->find(word) != std::string::npos) ++count;
  }
  return count;
}

struct SandboxEnds : testing::Test, AnySandbox {
  std::string nap = fmt::format("{}.{}", 1000 + ::getpid() % 1000, ::getpid());  ///< a sleep that is ours
  std::string lingering = fmt::format("(setsid sleep {0} &) ; (sleep {0} &) ; ", nap);
};

TEST_F(SandboxEnds, LeavesNoProcessBehind) {
  auto said = run(lingering + "exit 0");
  ASSERT_TRUE(said) << sentence(said.error());
  EXPECT_EQ(said->end.status, 0);
  EXPECT_EQ(running(nap), 0);
}

TEST_F(SandboxEnds, KillsWhatTakesTooLong) {
  auto made = command(lingering + "sleep " + nap);
  made.time_limit = 1s;
  auto said = run(made);
  ASSERT_TRUE(said) << sentence(said.error());
  EXPECT_TRUE(said->end.timed_out);
  EXPECT_EQ(said->end.status, 137);
  EXPECT_EQ(running(nap), 0);
}

TEST_F(SandboxEnds, KillsAllWhenItIsStopped) {
  std::stop_source stop;
  std::jthread later([&] {
    std::this_thread::sleep_for(300ms);
    stop.request_stop();
  });
  auto begun = std::chrono::steady_clock::now();
  auto said = run(command(lingering + "sleep " + nap), Work{.stop = stop.get_token(), .progress = {}});
  ASSERT_FALSE(said);
  EXPECT_EQ(said.error().kind, Kind::cancelled);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 10s);
  EXPECT_EQ(running(nap), 0);
}

TEST_F(SandboxEnds, DiesWithTheProgramThatStartedIt) {
  auto made = command(lingering + "sleep " + nap);
  pid_t child = ::fork();
  if (child == 0) {
    (void)run_in_sandbox(made, {});
    ::_exit(0);
  }
  for (int tries = 0; tries < 500 && running(nap) < 3; ++tries) std::this_thread::sleep_for(20ms);
  ASSERT_GE(running(nap), 3);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  for (int tries = 0; tries < 500 && running(nap) > 0; ++tries) std::this_thread::sleep_for(20ms);
  EXPECT_EQ(running(nap), 0);
}

TEST_F(SandboxEnds, LimitsMemory) {
  auto made = command("perl -e '$x = \"y\" x 400_000_000; print length $x'");
  made.memory_limit = 100 << 20;
  auto said = run(made);
  ASSERT_TRUE(said) << sentence(said.error());
  EXPECT_NE(said->end.status, 0) << said->text;
  EXPECT_EQ(said->text.find("400000000"), std::string::npos);
  auto free = run("perl -e '$x = \"y\" x 400_000_000; print length $x'");
  ASSERT_TRUE(free);
  EXPECT_EQ(free->text, "400000000") << "and without the limit there is none";
}

TEST_F(SandboxEnds, LimitsProcesses) {
  std::string many =
      "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do sleep 0.2 & done; echo all";
  auto made = command(many);
  made.process_limit = 10;
  auto said = run(made);
  ASSERT_TRUE(said) << sentence(said.error());
  // Where no cgroup can be made, the limit of a process remains, which the kernel does not hold against root.
  auto group = Cgroup::make(0, made.process_limit);
  if (::geteuid() == 0 && !(group && group->limits_processes())) {
    EXPECT_NE(said->text.find("all"), std::string::npos) << "then the case above is no exception any more";
    return;
  }
  EXPECT_NE(said->end.status, 0);
  EXPECT_EQ(said->text.find("all"), std::string::npos) << said->text;
}

TEST_F(SandboxEnds, CountsTheTimeOfAllItsProcesses) {
  auto said = run("sh -c 'sh -c \"i=0; while [ \\$i -lt 200000 ]; do i=\\$((i+1)); done\"'");
  ASSERT_TRUE(said) << sentence(said.error());
  EXPECT_GT(said->end.cpu_seconds, 0.02);
}

TEST_F(SandboxEnds, HoldsNobodysPipesOpen) {
  auto pipe = make_pipe();
  ASSERT_TRUE(pipe);
  std::stop_source stop;
  std::jthread builder([&, made = command("sleep " + nap)] {
    (void)run_in_sandbox(made, Work{.stop = stop.get_token(), .progress = {}});
  });
  for (int tries = 0; tries < 500 && running(nap) < 1; ++tries) std::this_thread::sleep_for(10ms);
  pipe->second.reset();
  char byte = 0;
  EXPECT_EQ(::read(pipe->first.get(), &byte, 1), 0) << "the end of the pipe";
  stop.request_stop();
}

TEST_F(SandboxEnds, ManyAtOnce) {
  std::atomic<int> good = 0;
  std::vector<std::jthread> all;
  for (int at = 0; at < 6; ++at)
    all.emplace_back([&, made = command("test $(hostname) = build && sleep 0.1")] {
      auto end = run_in_sandbox(made, {});
      if (end && end->status == 0) ++good;
    });
  all.clear();
  EXPECT_EQ(good, 6);
}

}  // namespace
}  // namespace photon::forge
