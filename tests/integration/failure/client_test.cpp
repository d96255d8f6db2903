// Two at once, and clients that leave in the middle: killed, by Ctrl-C once, by Ctrl-C twice.
#include <fcntl.h>

#include <csignal>
#include <future>

#include "tests/integration/failure/suite.hpp"
#include "tests/integration/image/tiny_server.hpp"

namespace photon::tests {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// A hook that says that it runs and waits until it may go on; each whole run leaves a line in "runs".
constexpr std::string_view waiting = R"({
  "image": "devenv/base:latest",
  "postCreateCommand": "touch runs-now; while ! test -f go; do sleep 0.02; done; echo whole >> runs"})";

class Client : public FailureTest {
 protected:
  static bool exists(const std::string& file) { return std::filesystem::exists(file); }
  static std::string state_of(const std::string& name) { return text_or(home->environment(name), "state"); }

  /// `devenv up` in the background, its output in a file.
  struct Background {
    Background(const std::vector<std::string>& arguments, const std::string& folder)
        : file(*home / fmt::format("output-{}", ++number)) {
      auto out = open_fd(file, O_WRONLY | O_CREAT | O_APPEND, 0644);
      child = home->begin(arguments, out ? out->get() : -1, folder);
    }
    std::string output() const { return read_file(file).value_or(""); }
    bool says(std::string_view words) const {
      return eventually([&] { return output().find(words) != std::string::npos; });
    }
    int status() {
      auto ended = child.wait_for(std::chrono::seconds(30));
      return ended && *ended ? **ended : -1;
    }
    inline static int number = 0;
    std::string file;
    Child child;
  };

  static Background up_until_its_hook_runs(const std::string& folder) {
    Background up({"up"}, folder);
    EXPECT_TRUE(eventually([&] { return exists(folder + "/runs-now"); })) << up.output();
    return up;
  }
  /// How many such hooks run inside at this moment.
  static std::string hooks_running(const std::string& name) {
    return home->devenv({"exec", name, "--", "sh", "-c", "ps | grep -c '[t]ouch runs-now'"}).out;
  }
};

TEST_F(Client, OneThatIsKilledDuringAHookLeavesTheWorkToTheDaemon) {
  auto folder = project("killed", waiting);
  auto up = up_until_its_hook_runs(folder);
  (void)up.child.signal(SIGKILL);
  EXPECT_EQ(up.status(), 128 + SIGKILL);
  put(folder + "/go", "");
  EXPECT_TRUE(eventually([&] { return state_of("killed") == "running"; }));
  EXPECT_EQ(home->devenv({"up"}, folder).status, 0);
  EXPECT_EQ(read_file(folder + "/runs").value_or(""), "whole\n");
}

TEST_F(Client, OneThatIsKilledDuringACloneLeavesTheWorkToTheDaemon) {
  auto web = make_project_repository(*home / "slow/web.git", R"({"image": "devenv/base:latest"})");
  must_run({"dd", "if=/dev/urandom", "of=" + web + "/noise", "bs=1024", "count=300"});
  git(web, {"add", "-A"});
  git(web, {"commit", "-q", "-m", "Noise"});
  GitHttpServer server(*home / "slow", {.slow = 400});
  Background up({"up", server.url("web.git")}, "/");
  EXPECT_TRUE(eventually([] { return state_of("web") == "creating"; }));
  (void)up.child.signal(SIGKILL);
  EXPECT_EQ(up.status(), 128 + SIGKILL);
  EXPECT_TRUE(eventually([&] { return state_of("web") == "running"; }, std::chrono::seconds(30)));
}

TEST_F(Client, OneThatIsKilledDuringAPullLeavesItsEndToTheDaemon) {
  std::promise<void> go;
  auto may_go = go.get_future().share();
  fixtures::TinyServer registry([may_go](const fixtures::HttpRequest&) -> fixtures::HttpAnswer {
    may_go.wait();
    return {404, {}, "{}"};
  });
  auto folder = project("pulling", fmt::format(R"({{"image": "{}/team/web:1"}})", registry.host()));
  Background up({"up"}, folder);
  EXPECT_TRUE(eventually([&] { return !registry.requests().empty(); }));
  (void)up.child.signal(SIGKILL);
  EXPECT_EQ(up.status(), 128 + SIGKILL);
  EXPECT_THAT(home->names(), ElementsAre("pulling"));
  go.set_value();
  EXPECT_TRUE(eventually([] { return home->names().empty(); }));
}

TEST_F(Client, TwoUpsOfAFolderMakeOneEnvironmentAndRunItsHooksOnce) {
  auto folder = project("twice", waiting);
  auto first = up_until_its_hook_runs(folder);
  Background second({"up"}, folder);
  put(folder + "/go", "");
  EXPECT_EQ(first.status(), 0) << first.output();
  EXPECT_EQ(second.status(), 0) << second.output();
  EXPECT_THAT(home->names(), ElementsAre("twice"));
  EXPECT_EQ(read_file(folder + "/runs").value_or(""), "whole\n");
}

TEST_F(Client, ManyUpsOfAUrlAtTheSameMomentMakeOneEnvironment) {
  make_project_repository(*home / "many/web.git",
                          R"({"image": "devenv/base:latest", "postCreateCommand": "echo x >> /tmp/hooks"})");
  GitHttpServer server(*home / "many");
  std::vector<std::unique_ptr<Background>> all;
  for (int i = 0; i < 4; ++i)
    all.push_back(std::make_unique<Background>(std::vector<std::string>{"up", server.url("web.git")}, "/"));
  for (auto& up : all) EXPECT_EQ(up->status(), 0) << up->output();
  EXPECT_THAT(home->names(), ElementsAre("web"));
  EXPECT_EQ(home->devenv({"exec", "web", "--", "cat", "/tmp/hooks"}).out, "x\n");
}

TEST_F(Client, CtrlCDuringAHookKeepsTheEnvironmentAndSaysHowToGoOn) {
  auto folder = project("once", waiting);
  auto up = up_until_its_hook_runs(folder);
  (void)up.child.signal(SIGINT);
  EXPECT_EQ(up.status(), 130) << up.output();
  EXPECT_THAT(up.output(), AllOf(HasSubstr("devenv: interrupted\n"), HasSubstr("once is kept (failed)"),
                                 HasSubstr("to go on: devenv up"), IsAWellFormedError()));
  EXPECT_EQ(state_of("once"), "failed");
  EXPECT_EQ(hooks_running("once"), "0\n");
  put(folder + "/go", "");
  auto again = home->devenv({"up"}, folder);
  EXPECT_EQ(again.status, 0) << again.err;
  EXPECT_EQ(read_file(folder + "/runs").value_or(""), "whole\n");
}

TEST_F(Client, CtrlCDuringACloneKeepsNothingHalfMade) {
  auto web = make_project_repository(*home / "endless/web.git", R"({"image": "devenv/base:latest"})");
  must_run({"dd", "if=/dev/urandom", "of=" + web + "/noise", "bs=1024", "count=4096"});
  git(web, {"add", "-A"});
  git(web, {"commit", "-q", "-m", "Noise"});
  GitHttpServer server(*home / "endless", {.slow = 100});
  Background up({"up", server.url("web.git")}, "/");
  EXPECT_TRUE(eventually([] { return state_of("web") == "creating"; }));
  (void)up.child.signal(SIGINT);
  EXPECT_EQ(up.status(), 130) << up.output();
  EXPECT_THAT(up.output(), AllOf(HasSubstr("devenv: interrupted\n"), IsAWellFormedError()));
  EXPECT_THAT(home->names(), IsEmpty());
}

TEST_F(Client, CtrlCTwiceLeavesAtOnceEvenWhenTheDaemonHangs) {
  auto folder = project("stuck", waiting);
  auto up = up_until_its_hook_runs(folder);
  const pid_t daemon = home->daemon_pid();
  ASSERT_GT(daemon, 1);
  ASSERT_EQ(::kill(daemon, SIGSTOP), 0);
  (void)up.child.signal(SIGINT);
  EXPECT_TRUE(up.says("Ctrl-C again leaves at once"));
  (void)up.child.signal(SIGINT);
  EXPECT_EQ(up.status(), 130);
  ASSERT_EQ(::kill(daemon, SIGCONT), 0);
  put(folder + "/go", "");
  // What the first Ctrl-C has asked for still happens.
  EXPECT_TRUE(eventually([] { return state_of("stuck") == "failed" || state_of("stuck") == "running"; }));
  EXPECT_EQ(home->devenv({"up"}, folder).status, 0);
}

TEST_F(Client, ADaemonThatIsKilledDuringAHookEndsTheHookAndItRunsAgain) {
  auto folder = project("orphan", waiting);
  auto up = up_until_its_hook_runs(folder);
  const pid_t daemon = home->daemon_pid();
  ASSERT_GT(daemon, 1);
  ASSERT_EQ(::kill(daemon, SIGKILL), 0);
  EXPECT_EQ(up.status(), 6) << up.output();
  EXPECT_THAT(up.output(), AllOf(HasSubstr("run the command again"), IsAWellFormedError()));
  EXPECT_EQ(state_of("orphan"), "failed");
  EXPECT_THAT(text_or(home->environment("orphan"), "failure"), HasSubstr("hook:postCreateCommand"));
  EXPECT_EQ(hooks_running("orphan"), "0\n");
  put(folder + "/go", "");
  auto again = home->devenv({"up"}, folder);
  EXPECT_EQ(again.status, 0) << again.err;
  EXPECT_EQ(read_file(folder + "/runs").value_or(""), "whole\n");
}

}  // namespace
}  // namespace photon::tests
