// From a URL to a running environment, and its states: up, stop, start, rebuild, the daemon's own restart.
#include <signal.h>

#include "tests/integration/lifecycle/suite.hpp"

namespace photon::tests {
namespace {

using testing::HasSubstr;
using Life = LifeTest;

constexpr const char* of_dev = R"({"image": "devenv/base:latest", "remoteUser": "dev",
  "mounts": ["source=data,target=/data,type=volume"],
  "onCreateCommand": "echo created >>/data/hooks", "postStartCommand": "echo started >>/data/hooks"})";

TEST_F(Life, AUrlBecomesARunningEnvironment) {
  auto made = up({repository("web", of_dev)});
  EXPECT_EQ(text_or(made, "name"), "web");
  EXPECT_EQ(text_or(made, "state"), "running");
  EXPECT_EQ(text_or(made, "branch"), "main");
  EXPECT_EQ(text_or(made, "user"), "dev");
  EXPECT_EQ(inside("web", "pwd; id -u; cat README.md"), "/workspaces/web\n1000\n# Web\n");
  // Its work is the remote user's to change.
  EXPECT_EQ(inside("web", "echo x >new && stat -c %u new .git README.md"), "1000\n1000\n1000\n");
  EXPECT_EQ(number_or(view("web"), "dirty"), 1);
}

TEST_F(Life, UpAgainDoesNothing) {
  auto url = repository("again", of_dev);
  up({url});
  auto shims = home().shim_pids();
  EXPECT_EQ(shims.size(), 1U);
  up({url});
  EXPECT_EQ(home().shim_pids(), shims);
  EXPECT_EQ(home().names(), std::vector<std::string>{"again"});
  EXPECT_EQ(inside("again", "cat /data/hooks"), "created\nstarted\n");
}

TEST_F(Life, TheSecondEnvironmentOfARepositoryCostsNoNetwork) {
  TemporaryFolder folder;
  make_project_repository(folder / "twin", of_dev);
  must_run({"git", "clone", "-q", "--bare", folder / "twin", folder / "twin.git"});
  auto alone = std::make_unique<GitHttpServer>(folder.path());
  auto url = alone->url("twin.git");
  up({url, "--name", "one"});
  alone.reset();
  up({url, "--name", "two"});
  EXPECT_EQ(inside("two", "cat README.md"), "# Web\n");
  EXPECT_EQ(inside("one", "cat README.md"), "# Web\n");
}

TEST_F(Life, AStoppedOneStartsAsItWas) {
  up({repository("nap", of_dev)});
  inside("nap", "echo mine >/tmp/kept; echo work >>README.md");
  auto stopped = devenv({"stop", "nap"});
  EXPECT_EQ(stopped.status, 0) << stopped.err;
  EXPECT_EQ(state("nap"), "stopped");
  EXPECT_THAT(home().shim_pids(), testing::IsEmpty());
  auto refused = devenv({"exec", "nap", "--", "true"});
  EXPECT_EQ(refused.status, 125);
  EXPECT_THAT(refused.err, HasSubstr("nap is stopped\n  devenv start nap"));
  EXPECT_EQ(devenv({"stop", "nap"}).status, 0);

  auto started = devenv({"start", "nap"});
  EXPECT_EQ(started.status, 0) << started.err;
  EXPECT_EQ(inside("nap", "cat /tmp/kept; tail -n 1 README.md"), "mine\nwork\n");
  EXPECT_EQ(inside("nap", "cat /data/hooks"), "created\nstarted\nstarted\n");
}

TEST_F(Life, AChangedConfigurationIsSeenAndARebuildAppliesIt) {
  up({repository("grow", of_dev)});
  EXPECT_FALSE(flag_or(view("grow"), "config_changed"));
  inside("grow", "echo mine >/tmp/gone; echo kept >/data/kept; echo work >>README.md");
  std::string changed = of_dev;
  changed.insert(1, R"("containerEnv": {"COLOUR": "green"}, )");
  auto written = home().devenv(
      {"exec", "grow", "--", "sh", "-c", "printf %s \"$1\" >.devcontainer/devcontainer.json", "sh", changed});
  ASSERT_EQ(written.status, 0) << written.err;
  EXPECT_TRUE(flag_or(view("grow"), "config_changed"));
  EXPECT_THAT(devenv({"ls"}).out, HasSubstr("configuration changed: devenv rebuild grow"));

  auto rebuilt = devenv({"rebuild", "grow"});
  EXPECT_EQ(rebuilt.status, 0) << rebuilt.err;
  EXPECT_FALSE(flag_or(view("grow"), "config_changed"));
  EXPECT_EQ(
      inside("grow", "echo $COLOUR; cat /data/kept; tail -n 1 README.md; test -e /tmp/gone || echo new"),
      "green\nkept\nwork\nnew\n");
}

TEST_F(Life, AnEditWhileItIsStoppedTakesNothingAway) {
  auto folder = project("edit", R"({"image": "devenv/base:latest", "containerEnv": {"COLOUR": "red"}})");
  up({}, folder);
  inside("edit", "echo mine >/tmp/kept");
  EXPECT_EQ(devenv({"stop", "edit"}).status, 0);
  project("edit", R"({"image": "devenv/base:latest", "containerEnv": {"COLOUR": "green"}})");
  auto started = devenv({"start", "edit"});
  EXPECT_EQ(started.status, 0) << started.err;
  EXPECT_THAT(started.err, HasSubstr("devenv rebuild applies it"));
  EXPECT_EQ(inside("edit", "echo $COLOUR; cat /tmp/kept"), "red\nmine\n");
  EXPECT_TRUE(flag_or(view("edit"), "config_changed"));
  EXPECT_EQ(devenv({"rebuild", "edit"}).status, 0);
  EXPECT_EQ(inside("edit", "echo $COLOUR; test -e /tmp/kept || echo new"), "green\nnew\n");
}

TEST_F(Life, ContainersOutliveTheDaemon) {
  up({repository("stay", of_dev)});
  auto before = home().shim_pids();
  auto start = inside("stay", "cut -d' ' -f22 /proc/1/stat 2>/dev/null || cat /proc/1/stat");
  auto daemon = home().daemon_pid();
  auto ended = devenv({"shutdown"});
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_FALSE(home().daemon_answers());
  EXPECT_EQ(home().shim_pids(), before);

  EXPECT_EQ(inside("stay", "cut -d' ' -f22 /proc/1/stat 2>/dev/null || cat /proc/1/stat"), start);
  EXPECT_NE(home().daemon_pid(), daemon);
  EXPECT_EQ(home().shim_pids(), before);
  EXPECT_EQ(state("stay"), "running");
}

// As by a kernel out of memory: what is left of an ordinary user's namespaces takes no new container.
TEST_F(Life, TheLossOfTheDaemonAndOfItsNamespacesIsMended) {
  up({repository("old", of_dev)});
  inside("old", "echo mine >/tmp/kept");
  std::vector<pid_t> lost{home().daemon_pid()};
  if (user() != nullptr) lost.push_back(std::stoi(read_file(home().paths().runtime + "/holder").value()));
  for (pid_t pid : lost) EXPECT_EQ(::kill(pid, SIGKILL), 0);
  EXPECT_TRUE(eventually([] { return !home().daemon_answers(); }));

  up({repository("new", of_dev)});
  EXPECT_EQ(state("new"), "running");
  // Of root's the containers live on; those of a user end with the namespaces and start again as they were.
  EXPECT_EQ(state("old"), user() != nullptr ? "stopped" : "running");
  EXPECT_EQ(devenv({"start", "old"}).status, 0);
  EXPECT_EQ(inside("old", "cat /tmp/kept"), "mine\n");
}

}  // namespace
}  // namespace photon::tests
