// kill -9 of the daemon at each checkpoint of `prebuild`, of an `up` that begins from one and of `prebuild
// rm`: nothing is left that belongs to nobody, a prebuild is there whole or not at all, and the same succeeds
// after.
#include <poll.h>

#include <boost/json/array.hpp>
#include <csignal>

#include "tests/integration/prebuild/suite.hpp"

namespace photon::tests {
namespace {

using testing::IsEmpty;

enum class Victim { daemon, containerd };

class PrebuildKill : public PrebuildTest {
 protected:
  static void SetUpTestSuite() {
    PrebuildTest::SetUpTestSuite();
    url = repository("web", configuration());
    ASSERT_EQ(home->devenv({"shutdown"}).status, 0);
    ASSERT_TRUE(eventually([] { return !home->daemon_answers(); }));
  }
  void SetUp() override { home->start_daemon(); }
  void TearDown() override {
    PrebuildTest::TearDown();
    home->stop_daemon();
  }

  /// Runs the command with a daemon that stops at each checkpoint, kills the victim at the n-th of them and
  /// lets all go on to its end; then a daemon that has begun anew answers. False: there are not so many.
  static bool cut(int n, Victim victim, std::vector<std::string> command) {
    home->stop_daemon();
    home->start_daemon({{"DEVENV_STOP_AT", ""}});
    auto cli = home->begin(std::move(command));
    bool there = false;
    for (int passed = 0; !there && stops_again(cli);) {
      there = ++passed == n;
      if (!there) (void)home->daemon().signal(SIGCONT);
    }
    if (there) {
      auto log = home->log();
      auto at = log.rfind("stopped at ");
      where = at == std::string::npos ? "" : log.substr(at, log.find('\n', at) - at);
      const pid_t engine = home->containerd_pid();  // -1 where none runs, which kill would take for everybody
      if (victim == Victim::daemon) home->kill_daemon();
      if (victim == Victim::containerd && engine > 1) ::kill(engine, SIGKILL);
    }
    finish(cli);
    home->start_daemon();
    return there;
  }
  /// Waits for the command, and lets the daemon go on wherever it stops.
  static void finish(Child& cli) {
    while (true) {
      auto ended = cli.wait_for(std::chrono::milliseconds(3));
      if (ended && *ended) break;
      if (home->daemon().pid() > 0) (void)home->daemon().signal(SIGCONT);
    }
    if (home->daemon().pid() <= 0) return;
    (void)home->daemon().signal(SIGCONT);
    home->stop_daemon();
  }
  static bool stops_again(Child& cli) {
    while (!wait_until_stopped(home->daemon(), std::chrono::milliseconds(20))) {
      pollfd ended{cli.pidfd(), POLLIN, 0};
      if (::poll(&ended, 1, 0) > 0) return false;
    }
    return true;
  }

  /// The journal against the machine.
  static void check_truth() {
    auto all = prebuilds();  // answers once all is mended
    EXPECT_THAT(home->orphans(), IsEmpty());
    EXPECT_THAT(home->unfinished(), IsEmpty());
    std::set<std::string> ids;
    for (const auto& one : all) ids.insert(text_or(one, "id"));
    std::error_code none;
    std::set<std::string> folders;
    for (const auto& entry : std::filesystem::directory_iterator(kept(), none))
      folders.insert(entry.path().filename());
    EXPECT_EQ(folders, ids);
    // Marks of borrowers that are no more would keep a mirror for ever.
    for (const auto& row : home->journal()) ids.insert(row.id);
    for (const auto& mirror : std::filesystem::directory_iterator(home->paths().cache + "/mirrors", none))
      for (const auto& mark : std::filesystem::directory_iterator(mirror.path() / "refs/devenv", none))
        EXPECT_TRUE(ids.contains(mark.path().filename())) << mark.path();
  }
  static void check_whole() {
    prebuild({url});
    EXPECT_THAT(up("/", {url}), testing::AnyOf(testing::HasSubstr("prebuild"), testing::HasSubstr("ready")));
    auto hooks = inside("web", "uniq /tmp/hooks; cat README.md; wc -l < made");
    EXPECT_EQ(hooks, "onCreate\nupdateContent\npostCreate\n# Web\n2\n");
    EXPECT_EQ(home->names().size(), 1U);
  }
  static void remove_all() {
    for (const auto& name : home->names()) EXPECT_EQ(home->devenv({"rm", "--yes", name}).status, 0);
    for (const auto& one : prebuilds()) devenv({"prebuild", "rm", text_or(one, "id")});
    EXPECT_EQ(home->devenv({"image", "gc"}).status, 0);
  }
  static void each_step(Victim victim, int least, const std::function<void()>& before,
                        const std::vector<std::string>& command) {
    int n = 1;
    for (; n < 100; ++n) {
      before();
      const bool there = cut(n, victim, command);
      SCOPED_TRACE(fmt::format("checkpoint {}: {}", n, where));
      check_truth();
      check_whole();
      remove_all();
      if (!there || HasFatalFailure()) break;
    }
    EXPECT_GT(n, least);
    EXPECT_LT(n, 100);
  }

  inline static std::string url;
  inline static std::string where;
};

void nothing() {}

TEST_F(PrebuildKill, DaemonAtEachStepOfPrebuild) {
  each_step(Victim::daemon, 30, nothing, {"prebuild", url});
}
TEST_F(PrebuildKill, DaemonAtEachStepOfTheUpThatBeginsFromIt) {
  each_step(Victim::daemon, 20, [] { prebuild({url}); }, {"up", url});
}
TEST_F(PrebuildKill, DaemonAtEachStepOfItsEnd) {
  each_step(Victim::daemon, 2, [] { prebuild({url}); }, {"prebuild", "rm", "web"});
}
TEST_F(PrebuildKill, ContainerdAtEachStepOfPrebuild) {
  each_step(Victim::containerd, 30, nothing, {"prebuild", url});
}
TEST_F(PrebuildKill, ContainerdAtEachStepOfItsEnd) {
  each_step(Victim::containerd, 2, [] { prebuild({url}); }, {"prebuild", "rm", "web"});
}

}  // namespace
}  // namespace photon::tests
