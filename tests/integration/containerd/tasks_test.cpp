#include <csignal>
#include <thread>

#include "devenv/core/fd.hpp"
#include "tests/integration/containerd/fixture.hpp"

namespace photon::engine {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class Tasks : public ContainerdTest {};

const char* const until_term = "trap 'exit 7' TERM; while :; do sleep 0.05; done";

TEST_F(Tasks, RunsUntilStopped) {
  const auto started = engine().run(spec("run", until_term), {});
  ASSERT_OK(started);
  EXPECT_GT(started->pid, 0U);
  auto found = engine().find("run");
  ASSERT_OK(found);
  ASSERT_TRUE(found->has_value());
  EXPECT_EQ((*found)->task, TaskState::running);
  EXPECT_EQ((*found)->pid, started->pid);
  EXPECT_EQ((*found)->image, "localhost/test:1");
  ASSERT_OK(engine().stop("run", 5s));
  found = engine().find("run");
  ASSERT_OK(found);
  EXPECT_EQ((*found)->task, TaskState::none);
  EXPECT_TRUE(eventually([&] { return is_gone(static_cast<int>(started->pid)); }));
  ASSERT_OK(engine().stop("run", 1s));
}

TEST_F(Tasks, TellsWhichRuntimeItUses) {
  ASSERT_OK(engine().run(spec("runtime", until_term), {}));
  const auto info = engine().info();
  ASSERT_OK(info);
  EXPECT_EQ(info->name, "containerd");
  EXPECT_TRUE(info->own);
  EXPECT_TRUE(info->version.starts_with("1.") || info->version.starts_with("2.")) << info->version;
  // The mount namespace hides the second version of cgroups, so the quick runtime serves; with that version
  // alone it needs a right (CAP_SYS_RESOURCE) that we may lack.
  const bool alone = std::filesystem::exists("/sys/fs/cgroup/cgroup.controllers");
  const std::string kept = read_file(folder + "/state/runtime").value_or("");
  EXPECT_THAT(kept, testing::AnyOf("crun\n", alone ? "runc\n" : "crun\n"));
  EXPECT_THAT(info->runtime, testing::StartsWith(kept.substr(0, 4) + " "));
}

TEST_F(Tasks, ASecondOneOfThatIdIsAConflict) {
  ASSERT_OK(engine().run(spec("twice", until_term), {}));
  const auto again = engine().run(spec("twice", until_term), {});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, Kind::conflict);
  EXPECT_EQ((*engine().find("twice"))->task, TaskState::running);
}

TEST_F(Tasks, WhatCannotStartLeavesNothing) {
  ContainerSpec wanted = spec("broken", "");
  wanted.process.argv = {"/bin/not-there"};
  const auto started = engine().run(wanted, {});
  ASSERT_FALSE(started);
  EXPECT_THAT(started.error().message, HasSubstr("not-there"));
  EXPECT_EQ(started.error().message.find('\n'), std::string::npos);
  EXPECT_FALSE(engine().find("broken")->has_value());
  wanted.process = shell(until_term);
  ASSERT_OK(engine().run(wanted, {}));
}

TEST_F(Tasks, GraceEndsByKill) {
  ContainerSpec wanted = spec("stubborn", "trap '' TERM; echo deaf; while :; do sleep 0.05; done");
  wanted.log_file = folder + "/stubborn.log";
  ASSERT_OK(engine().run(wanted, {}));
  ASSERT_TRUE(eventually([&] { return read_file(wanted.log_file).value_or("") == "deaf\n"; }));
  const auto from = std::chrono::steady_clock::now();
  ASSERT_OK(engine().stop("stubborn", 300ms));
  const auto took = std::chrono::steady_clock::now() - from;
  EXPECT_GE(took, 300ms);
  EXPECT_LT(took, 5s);
}

TEST_F(Tasks, RestartKeepsTheFiles) {
  ContainerSpec wanted = spec("again", "echo kept >/root/file; exit 3");
  ASSERT_OK(engine().run(wanted, {}));
  ASSERT_TRUE(eventually([&] { return (*engine().find("again"))->task == TaskState::stopped; }));
  EXPECT_EQ((*engine().find("again"))->exit_status, 3);
  wanted.process = shell(until_term);
  wanted.labels["photon.more"] = "1";
  ASSERT_OK(engine().restart(wanted, {}));
  EXPECT_EQ(in("again", shell("cat /root/file")).first, "kept\n");
  EXPECT_EQ((*engine().find("again"))->labels.at("photon.more"), "1");
  const auto running = engine().restart(wanted, {});
  ASSERT_FALSE(running);
  EXPECT_EQ(running.error().kind, Kind::conflict);
  const auto usage = engine().usage("again");
  ASSERT_OK(usage);
  EXPECT_GT(*usage, 0U);
}

TEST_F(Tasks, ListsByLabel) {
  ASSERT_OK(engine().run(spec("list-a", until_term), {}));
  ContainerSpec other = spec("list-b", until_term);
  other.labels["photon.odd/key"] = "a \"b\" c";
  ASSERT_OK(engine().run(other, {}));
  EXPECT_EQ(engine().list("photon.test", "")->size(), 2U);
  const auto one = engine().list("photon.odd/key", "a \"b\" c");
  ASSERT_OK(one);
  ASSERT_EQ(one->size(), 1U);
  EXPECT_EQ(one->front().id, "list-b");
  EXPECT_EQ(one->front().task, TaskState::running);
  EXPECT_TRUE(engine().list("photon.test", "no")->empty());
}

TEST_F(Tasks, RemoveOfNothingIsFine) {
  ASSERT_OK(engine().remove("never"));
  EXPECT_FALSE(engine().find("never")->has_value());
}

TEST_F(Tasks, LogFileHoldsBothStreams) {
  ContainerSpec wanted = spec("log", "echo out; echo err >&2; sleep 30");
  wanted.log_file = folder + "/init.log";
  ASSERT_OK(engine().run(wanted, {}));
  EXPECT_TRUE(eventually([&] {
    const std::string text = read_file(wanted.log_file).value_or("");
    return text.find("out\n") != std::string::npos && text.find("err\n") != std::string::npos;
  }));
}

TEST_F(Tasks, ExecCarriesStreamsAndStatus) {
  ASSERT_OK(engine().run(spec("exec", until_term), {}));
  EXPECT_EQ(in("exec", shell("echo hello; exit 42")), (std::pair<std::string, int>("hello\n", 42)));
  std::string big(3 << 20, 'x');
  EXPECT_EQ(in("exec", shell("wc -c"), big), (std::pair<std::string, int>("3145728\n", 0)));
  auto made = engine().exec("exec", shell("echo bad >&2"));
  ASSERT_OK(made);
  EXPECT_EQ(read_to_end((*made)->error().get()), "bad\n");
  EXPECT_EQ((*made)->wait({}).value_or(-1), 0);
}

TEST_F(Tasks, ExecGivesAllOutputOfAQuickProcess) {
  ASSERT_OK(engine().run(spec("quick", until_term), {}));
  for (int i = 0; i < 10; ++i) {
    auto made = engine().exec("quick", shell("dd if=/dev/zero bs=1024 count=200 2>/dev/null"));
    ASSERT_OK(made);
    EXPECT_EQ(read_to_end((*made)->output().get()).size(), 200U * 1024);
    EXPECT_EQ((*made)->wait({}).value_or(-1), 0);
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder + "/state/fifo"));
}

TEST_F(Tasks, ExecAsAnotherUser) {
  ASSERT_OK(engine().run(spec("user", until_term), {}));
  ProcessSpec me = shell("id; pwd; echo $WHO");
  me.uid = me.gid = 1000;
  me.groups = {1000, 27};
  me.cwd = "/tmp";
  me.env.emplace_back("WHO=me");
  const std::string text = in("user", me).first;
  EXPECT_THAT(text, HasSubstr("uid=1000(me)"));
  EXPECT_THAT(text, HasSubstr("27"));
  EXPECT_THAT(text, HasSubstr("/tmp\nme\n"));
}

TEST_F(Tasks, TerminalAndItsSize) {
  ASSERT_OK(engine().run(spec("tty", until_term), {}));
  auto made = engine().exec("tty", shell("read x; stty size; echo got $x", true));
  ASSERT_OK(made);
  EXPECT_FALSE((*made)->error());
  ASSERT_OK((*made)->resize(33, 101));
  ASSERT_OK(write_all((*made)->input().get(), "word\n"));
  const std::string text = read_to_end((*made)->output().get());
  EXPECT_THAT(text, HasSubstr("33 101"));
  EXPECT_THAT(text, HasSubstr("got word"));
  EXPECT_EQ((*made)->wait({}).value_or(-1), 0);
}

TEST_F(Tasks, SignalsReachTheProcess) {
  ASSERT_OK(engine().run(spec("signal", until_term), {}));
  auto made = engine().exec("signal", shell("echo up; exec sleep 60"));
  ASSERT_OK(made);
  char buffer[8];
  ASSERT_EQ(::read((*made)->output().get(), buffer, sizeof buffer), 3);
  ASSERT_OK((*made)->signal(SIGTERM));
  EXPECT_EQ((*made)->wait({}).value_or(-1), 128 + SIGTERM);
}

TEST_F(Tasks, WaitCanBeCancelled) {
  ASSERT_OK(engine().run(spec("cancel", until_term), {}));
  auto made = engine().exec("cancel", shell("echo $$; exec sleep 60"));
  ASSERT_OK(made);
  char buffer[16] = {};
  ASSERT_GT(::read((*made)->output().get(), buffer, sizeof buffer - 1), 1);
  const std::string alive = fmt::format("kill -0 {}", std::atoi(buffer));
  EXPECT_EQ(in("cancel", shell(alive)).second, 0);
  std::stop_source source;
  std::jthread canceller([&] {
    std::this_thread::sleep_for(100ms);
    source.request_stop();
  });
  const auto status = (*made)->wait(source.get_token());
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind, Kind::cancelled);
  made->reset();  // takes the process with it
  EXPECT_TRUE(eventually([&] { return in("cancel", shell(alive + " 2>/dev/null")).second != 0; }));
}

TEST_F(Tasks, ExecOfWhatIsNotThere) {
  ASSERT_OK(engine().run(spec("missing", until_term), {}));
  ProcessSpec process = shell("");
  process.argv = {"/bin/not-there"};
  const auto made = engine().exec("missing", process);
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message, HasSubstr("not-there"));
  const auto nobody = engine().exec("nobody", shell("true"));
  ASSERT_FALSE(nobody);
  EXPECT_EQ(nobody.error().kind, Kind::not_found);
}

TEST_F(Tasks, TheContainerIsConfined) {
  ASSERT_OK(engine().run(spec("confined", until_term), {}));
  EXPECT_EQ(in("confined", shell("hostname")).first, "box\n");
  EXPECT_NE(in("confined", shell("mount -t tmpfs none /tmp 2>/dev/null")).second, 0);
  EXPECT_NE(in("confined", shell("unshare -U true 2>/dev/null")).second, 0);
  EXPECT_NE(in("confined", shell("echo 1 >/proc/sys/kernel/panic 2>/dev/null")).second, 0);
  EXPECT_NE(in("confined", shell("mknod /tmp/d b 254 0 && cat /tmp/d >/dev/null 2>&1")).second, 0);
  EXPECT_EQ(in("confined", shell("echo x >/dev/null; head -c 4 /dev/urandom | wc -c")).first, "4\n");
  EXPECT_EQ(in("confined", shell("grep Seccomp: /proc/self/status")).first, "Seccomp:\t2\n");
}

TEST_F(Tasks, PrivilegedMayMount) {
  ContainerSpec wanted = spec("privileged", until_term);
  wanted.privileged = true;
  ASSERT_OK(engine().run(wanted, {}));
  EXPECT_EQ(in("privileged", shell("mount -t tmpfs none /tmp && touch /tmp/x")).second, 0);
  EXPECT_EQ(in("privileged", shell("grep Seccomp: /proc/self/status")).first, "Seccomp:\t0\n");
}

TEST_F(Tasks, BindMountsAreSeen) {
  ContainerSpec wanted = spec("bind", until_term);
  ASSERT_OK(make_directories(folder + "/share", 0755));
  ASSERT_OK(write_file(folder + "/share/file", "shared\n"));
  wanted.mounts = {{"bind", folder + "/share", "/work", {"rbind", "rw"}}};
  ASSERT_OK(engine().run(wanted, {}));
  EXPECT_EQ(in("bind", shell("cat /work/file; echo back >/work/answer")).first, "shared\n");
  EXPECT_EQ(read_file(folder + "/share/answer").value_or(""), "back\n");
}

TEST_F(Tasks, EventsTellStartAndExit) {
  std::stop_source source;
  std::mutex mutex;
  std::vector<Event> seen;
  Result<void> ended;
  std::jthread watcher([&] {
    ended = engine().events(source.get_token(), [&](const Event& event) {
      std::lock_guard lock(mutex);
      seen.push_back(event);
    });
  });
  auto has = [&](Event::What what, int status) {
    return eventually([&] {
      std::lock_guard lock(mutex);
      return std::any_of(seen.begin(), seen.end(), [&](const Event& e) {
        return e.what == what && e.container == "events" && e.exec.empty() && e.exit_status == status;
      });
    });
  };
  std::this_thread::sleep_for(100ms);
  ASSERT_OK(engine().run(spec("events", "sleep 0.3; exit 5"), {}));
  EXPECT_TRUE(has(Event::What::task_started, 0));
  EXPECT_TRUE(has(Event::What::task_exited, 5));
  ASSERT_OK(engine().remove("events"));
  EXPECT_TRUE(has(Event::What::task_deleted, 5));
  source.request_stop();
  watcher.join();
  EXPECT_TRUE(ended);
}

}  // namespace
}  // namespace photon::engine
