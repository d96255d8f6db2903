// What happens when containerd or a shim is killed.
#include <csignal>
#include <thread>

#include "devenv/core/fd.hpp"
#include "tests/integration/containerd/fixture.hpp"

namespace photon::engine {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class Crash : public ContainerdTest {};

const char* const ticking = "trap 'exit 7' TERM; while :; do echo tick; sleep 0.05; done";

int parent_of(int pid) {
  const std::string text = read_file(fmt::format("/proc/{}/stat", pid)).value_or("");
  const auto at = text.rfind(')');
  int parent = -1;
  if (at != std::string::npos) (void)std::sscanf(text.c_str() + at, ") %*c %d", &parent);
  return parent;
}

TEST_F(Crash, ContainersOutliveContainerd) {
  ContainerSpec wanted = spec("outlive", ticking);
  wanted.log_file = folder + "/outlive.log";
  const auto started = engine().run(wanted, {});
  ASSERT_OK(started);
  const int daemon = pid_behind(folder + "/state/containerd.sock");
  ASSERT_GT(daemon, 1);
  ASSERT_EQ(::kill(daemon, SIGKILL), 0);
  ASSERT_TRUE(eventually([&] { return pid_behind(folder + "/state/containerd.sock") < 0; }));
  EXPECT_FALSE(is_gone(static_cast<int>(started->pid)));
  const auto away = engine().find("outlive");
  ASSERT_FALSE(away);
  EXPECT_EQ(away.error().kind, Kind::unavailable);
  const auto size = std::filesystem::file_size(wanted.log_file);
  EXPECT_TRUE(eventually([&] { return std::filesystem::file_size(wanted.log_file) > size; }));
  ASSERT_OK(containerd->ensure());
  EXPECT_NE(pid_behind(folder + "/state/containerd.sock"), daemon);
  const auto found = engine().find("outlive");
  ASSERT_OK(found);
  EXPECT_EQ((*found)->task, TaskState::running);
  EXPECT_EQ((*found)->pid, started->pid);
  EXPECT_EQ(in("outlive", shell("echo still")).first, "still\n");
  ASSERT_OK(engine().stop("outlive", 5s));
  ASSERT_OK(engine().restart(wanted, {}));
  EXPECT_EQ(in("outlive", shell("echo here")).first, "here\n");
}

TEST_F(Crash, AWaitOutlivesContainerd) {
  ASSERT_OK(engine().run(spec("wait", ticking), {}));
  auto made = engine().exec("wait", shell("sleep 2; exit 9"));
  ASSERT_OK(made);
  Result<int> status = 0;
  std::jthread waiter([&] { status = (*made)->wait({}); });
  std::this_thread::sleep_for(100ms);
  ASSERT_EQ(::kill(pid_behind(folder + "/state/containerd.sock"), SIGKILL), 0);
  ASSERT_TRUE(eventually([&] { return pid_behind(folder + "/state/containerd.sock") < 0; }));
  ASSERT_OK(containerd->ensure());
  waiter.join();
  ASSERT_OK(status);
  EXPECT_EQ(*status, 9);
}

TEST_F(Crash, ASecondOpenFindsTheRunningOne) {
  ASSERT_OK(engine().run(spec("second", ticking), {}));
  const int daemon = pid_behind(folder + "/state/containerd.sock");
  ContainerdOptions options;
  options.system_socket = "";
  options.root = folder + "/root";
  options.state = folder + "/state";
  const auto other = Containerd::open(options);
  ASSERT_OK(other);
  EXPECT_EQ(pid_behind(folder + "/state/containerd.sock"), daemon);
  EXPECT_EQ((*(*other)->engine().find("second"))->task, TaskState::running);
}

TEST_F(Crash, AKilledShimEndsItsContainerAlone) {
  const auto started = engine().run(spec("shim", ticking), {});
  ASSERT_OK(started);
  ASSERT_OK(engine().run(spec("neighbour", ticking), {}));
  const int shim = parent_of(static_cast<int>(started->pid));
  ASSERT_GT(shim, 1);
  ASSERT_THAT(read_file(fmt::format("/proc/{}/cmdline", shim)).value_or(""), HasSubstr("containerd-shim"));
  ASSERT_EQ(::kill(shim, SIGKILL), 0);
  EXPECT_TRUE(eventually([&] { return is_gone(static_cast<int>(started->pid)); }));
  EXPECT_TRUE(eventually([&] {
    const auto found = engine().find("shim");
    return found && *found && (*found)->task != TaskState::running;
  }));
  EXPECT_EQ((*engine().find("neighbour"))->task, TaskState::running);
  ContainerSpec again = spec("shim", ticking);
  made_.pop_back();
  ASSERT_TRUE(eventually([&] { return engine().restart(again, {}).has_value(); }));
  EXPECT_EQ(in("shim", shell("echo back")).first, "back\n");
}

Error failure_of(const std::string& folder) {
  ContainerdOptions options;
  options.system_socket = "";
  options.root = folder + "/root";
  options.state = folder + "/state";
  const auto opened = Containerd::open(options);
  EXPECT_FALSE(opened);
  return opened ? Error() : opened.error();
}

TEST_F(Crash, AStartThatFailsQuotesTheLog) {
  ASSERT_OK(make_directories(folder + "/bad/state", 0700));
  ASSERT_OK(write_file(folder + "/bad/state/state", "containerd wants a folder of that name"));
  const Error error = failure_of(folder + "/bad");
  EXPECT_EQ(error.kind, Kind::unavailable);
  EXPECT_THAT(error.message, HasSubstr("not a directory"));
  EXPECT_THAT(error.hint, HasSubstr("/bad/state/containerd.log"));
}

TEST_F(Crash, OneWithoutItsStoreIsEnded) {
  ASSERT_OK(make_directories(folder + "/useless/root", 0700));
  ASSERT_OK(write_file(folder + "/useless/root/io.containerd.metadata.v1.bolt", "a folder is wanted"));
  const Error error = failure_of(folder + "/useless");
  EXPECT_EQ(error.kind, Kind::unavailable);
  EXPECT_THAT(error.message, HasSubstr("containerd did not start"));
  EXPECT_THAT(error.hint, HasSubstr("/useless/state/containerd.log"));
  EXPECT_LT(pid_behind(folder + "/useless/state/containerd.sock"), 0);
}

}  // namespace
}  // namespace photon::engine
