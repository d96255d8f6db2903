#include "devenv/core/process.hpp"

#include <gtest/gtest.h>
#include <signal.h>

namespace photon {
namespace {

using std::chrono::milliseconds;

TEST(Process, InputOutputAndStatus) {
  auto result = run({.argv = {"sh", "-c", "cat; echo no >&2; exit 7"}}, "yes").value();
  EXPECT_EQ(result.out, "yes");
  EXPECT_EQ(result.err, "no\n");
  EXPECT_EQ(result.status, 7);
}

TEST(Process, LargeBothWays) {
  std::string much(3 << 20, 'x');
  EXPECT_EQ(run({.argv = {"cat"}}, much).value().out, much);
}

TEST(Process, AProgramThatReadsNothingEndsNobody) {
  ASSERT_EQ(::signal(SIGPIPE, SIG_DFL), SIG_DFL);
  std::string much(3 << 20, 'x');  // more than a pipe holds
  EXPECT_EQ(run({.argv = {"sh", "-c", "exit 3"}}, much).value().status, 3);
}

TEST(Process, MissingProgram) {
  EXPECT_EQ(run({.argv = {"no-such-program-here"}}).error().kind, Kind::not_found);
  EXPECT_EQ(run({.argv = {"/etc/passwd"}}).error().kind, Kind::denied);
}

TEST(Process, LimitAndCancel) {
  EXPECT_EQ(run({.argv = {"sleep", "30"}}, {}, milliseconds(50)).error().kind, Kind::unavailable);
  std::stop_source source;
  source.request_stop();
  EXPECT_EQ(run({.argv = {"sleep", "30"}}, {}, milliseconds(5000), source.get_token()).error().kind,
            Kind::cancelled);
}

TEST(Process, StopEscalates) {
  auto child = start({.argv = {"sh", "-c", "trap '' TERM; while :; do sleep 1; done"}}).value();
  EXPECT_FALSE(child.wait_for(milliseconds(100)).value());
  EXPECT_EQ(child.stop(milliseconds(100)).value(), 128 + SIGKILL);
}

TEST(Process, PassesDescriptorsAtTheNumbersAskedFor) {
  auto pipe = make_pipe().value();
  auto child = start({.argv = {"sh", "-c", "echo through >&5"}, .pass = {{pipe.second.get(), 5}}}).value();
  pipe.second.reset();
  EXPECT_EQ(read_all(pipe.first.get(), 100).value(), "through\n");
  EXPECT_EQ(child.wait().value(), 0);
}

TEST(Process, NothingElseIsInherited) {
  auto pipe = make_pipe().value();
  auto result = run({.argv = {"sh", "-c", "ls /proc/self/fd | wc -l"}}).value();
  EXPECT_EQ(std::stoi(result.out), 4);  // 0, 1, 2 and the folder that ls reads
}

}  // namespace
}  // namespace photon
