// kill -9 of the daemon, of containerd and of the shim at each checkpoint of `up` and of `rm`: after a
// restart nothing is left that belongs to nobody, the journal says what is there, and the same command
// succeeds.
#include <poll.h>

#include <csignal>
#include <cstdlib>

#include "tests/integration/failure/suite.hpp"

namespace photon::tests {
namespace {

using testing::IsEmpty;

enum class Victim { daemon, containerd, shim };

class Kill : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (std::getenv("AS_ORDINARY_USER") != nullptr) {
      auto made = fixtures::make_ordinary_user();
      ASSERT_TRUE(made) << made.error().message;
      user = std::make_unique<fixtures::OrdinaryUser>(*made);
    }
    home = std::make_unique<Home>(user ? home_of(*user) : Home::Options{});
    ASSERT_EQ(home->devenv({"shutdown"}).status, 0);
    ASSERT_TRUE(eventually([] { return !home->daemon_answers(); }));
    const std::string repository = *home / "served/web.git";
    put(repository + "/.devcontainer/tools/devcontainer-feature.json", R"({"id": "tools"})");
    put(repository + "/.devcontainer/tools/install.sh",
        "#!/bin/sh\ncat /proc/sys/kernel/random/uuid > /stamp\n");
    make_project_repository(repository, R"({
      "image": "devenv/base:latest",
      "features": {"./tools": {}},
      "remoteUser": "dev",
      "forwardPorts": [8123],
      "onCreateCommand": "echo onCreate >> /tmp/hooks",
      "postCreateCommand": "echo postCreate >> /tmp/hooks"})");
    server = std::make_unique<GitHttpServer>(*home / "served");
  }
  static void TearDownTestSuite() {
    server.reset();
    EXPECT_THAT(home->leftovers(), IsEmpty());
    home.reset();
  }

  /// The checkpoint where the daemon stands.
  static std::string place() {
    auto log = home->log();
    auto at = log.rfind("stopped at ");
    return at == std::string::npos ? "" : log.substr(at + 11, log.find('\n', at) - at - 11);
  }

  /// Runs the command with a daemon that stops at each checkpoint, kills the victim at the n-th of them, and
  /// lets all go on to its end. False: there are not so many.
  static bool cut(int n, Victim victim, std::vector<std::string> command) {
    home->start_daemon({{"DEVENV_STOP_AT", ""}});
    auto cli = home->begin(std::move(command));
    for (int passed = 0;;) {
      if (!stops_again(cli)) return finish(cli), false;
      const bool there = victim != Victim::shim || !home->shim_pids().empty();
      if (there && ++passed == n) break;
      (void)home->daemon().signal(SIGCONT);
    }
    where = place();
    if (std::getenv("KILL_TRACE") != nullptr) fmt::print("{} {}\n", n, where);
    if (victim == Victim::daemon) {
      home->kill_daemon();
    } else {
      const pid_t engine = home->containerd_pid();  // -1 where none runs, which kill would take for everybody
      if (victim == Victim::containerd && engine > 1) ::kill(engine, SIGKILL);
      if (victim == Victim::shim)
        for (pid_t pid : home->shim_pids()) ::kill(pid, SIGKILL);
    }
    finish(cli);
    return true;
  }
  /// False: the command has ended instead.
  static bool stops_again(Child& cli) {
    while (!wait_until_stopped(home->daemon(), std::chrono::milliseconds(20))) {
      pollfd ended{cli.pidfd(), POLLIN, 0};
      if (::poll(&ended, 1, 0) > 0) return false;
    }
    return true;
  }
  /// Waits for the command, and lets the daemon go on wherever it stops.
  static void finish(Child& cli) {
    while (true) {
      auto ended = cli.wait_for(std::chrono::milliseconds(3));
      if (ended && *ended) break;
      if (home->daemon().pid() > 0) (void)home->daemon().signal(SIGCONT);
    }
    if (home->daemon().pid() > 0) {
      (void)home->daemon().signal(SIGCONT);
      home->stop_daemon();
    }
  }

  static std::string url() { return server->url("web.git"); }
  /// The journal against the machine, after a restart.
  static void check_truth() {
    home->start_daemon();
    auto names = home->names();  // answers once all is mended
    EXPECT_THAT(home->orphans(), IsEmpty());
    EXPECT_THAT(home->unfinished(), IsEmpty());
    for (const auto& row : home->journal()) {
      EXPECT_TRUE(row.state == State::running || row.state == State::stopped || row.state == State::failed)
          << to_string(row.state);
      auto entered = home->devenv({"exec", row.name, "--", "true"});
      if (row.state != State::failed) {
        EXPECT_EQ(entered.status == 0, row.state == State::running) << entered.err;
      }
    }
  }
  static void check_whole() {
    auto up = home->devenv({"up", url()});
    ASSERT_EQ(up.status, 0) << up.err << home->log();
    // A hook that was cut short runs again from its start.
    auto hooks = home->devenv(
        {"exec", "web", "--", "sh", "-c", "id -un; uniq /tmp/hooks; cat README.md; wc -c < /stamp"});
    EXPECT_EQ(hooks.status, 0) << hooks.err;
    EXPECT_EQ(hooks.out, "dev\nonCreate\npostCreate\n# Web\n37\n");
    EXPECT_EQ(home->names().size(), 1U);
  }
  static void remove_all() {
    for (const auto& name : home->names()) {
      auto removed = home->devenv({"rm", "--yes", name});
      EXPECT_EQ(removed.status, 0) << removed.err;
    }
    EXPECT_THAT(home->names(), IsEmpty());
    EXPECT_THAT(home->orphans(), IsEmpty());
    // The feature's layer, too: the next `up` is to make it again.
    EXPECT_EQ(home->devenv({"image", "gc"}).status, 0);
    home->stop_daemon();
  }

  static void each_step_of_up(Victim victim) {
    int n = 1;
    for (; n < 100; ++n) {
      const bool there = cut(n, victim, {"up", url()});
      SCOPED_TRACE(fmt::format("checkpoint {}: {}", n, where));
      check_truth();
      check_whole();
      remove_all();
      if (!there || HasFatalFailure()) break;
    }
    EXPECT_GT(n, victim == Victim::shim ? 8 : 20);
    EXPECT_LT(n, 100);
  }
  static void each_step_of_rm(Victim victim) {
    int n = 1;
    for (; n < 100; ++n) {
      home->start_daemon();
      ASSERT_EQ(home->devenv({"up", url()}).status, 0);
      home->stop_daemon();
      const bool there = cut(n, victim, {"rm", "--yes", "web"});
      SCOPED_TRACE(fmt::format("checkpoint {}: {}", n, where));
      check_truth();
      // Begun is begun: nobody has to ask for it again.
      EXPECT_THAT(home->names(), IsEmpty());
      remove_all();
      if (!there || HasFatalFailure()) break;
    }
    EXPECT_GT(n, victim == Victim::shim ? 2 : 10);
    EXPECT_LT(n, 100);
  }

  inline static std::unique_ptr<fixtures::OrdinaryUser> user;  ///< none: as we are
  inline static std::unique_ptr<Home> home;
  inline static std::unique_ptr<GitHttpServer> server;
  inline static std::string where;
};

TEST_F(Kill, DaemonAtEachStepOfUp) { each_step_of_up(Victim::daemon); }
TEST_F(Kill, DaemonAtEachStepOfRm) { each_step_of_rm(Victim::daemon); }
TEST_F(Kill, ContainerdAtEachStepOfUp) { each_step_of_up(Victim::containerd); }
TEST_F(Kill, ContainerdAtEachStepOfRm) { each_step_of_rm(Victim::containerd); }
TEST_F(Kill, ShimAtEachStepOfUp) { each_step_of_up(Victim::shim); }
TEST_F(Kill, ShimAtEachStepOfRm) { each_step_of_rm(Victim::shim); }

}  // namespace
}  // namespace photon::tests
