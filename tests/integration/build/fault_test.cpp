// Builds that fail, are ended, or are killed at any moment: what is said, and that nothing is left which the
// next `up` does not mend.
#include <csignal>

#include "devenv/core/digest.hpp"
#include "tests/integration/build/suite.hpp"

namespace photon::tests {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class BuildFault : public BuildTest {
 protected:
  static bool said(const std::string& name, const std::string& words) {
    return home->devenv({"logs", name}).out.find(words) != std::string::npos;
  }
  static std::string namespace_of(pid_t pid) {
    std::error_code error;
    return std::filesystem::read_symlink(fmt::format("/proc/{}/ns/pid", pid), error).string();
  }
  /// The first process of a build's pid namespace; -1: none runs.
  static pid_t builder() {
    for (const auto& [pid, line] : processes_of(home->folder()))
      if (line.starts_with("unshare "))
        if (auto child = read_file(fmt::format("/proc/{0}/task/{0}/children", pid)); child && !child->empty())
          return std::stoi(*child);
    return -1;
  }
  /// Processes of a build, wherever they have gone to.
  static std::vector<pid_t> members_of(const std::string& pid_namespace) {
    std::vector<pid_t> found;
    for (const auto& name : names_in("/proc"))
      if (auto pid = std::atoi(name.c_str()); pid > 1 && namespace_of(pid) == pid_namespace)
        found.push_back(pid);
    return found;
  }
  /// Folders of runs that are over.
  static std::vector<std::string> remains() {
    auto all = names_in(kept() + "/work");
    for (const auto& name : names_in(home->paths().runtime + "/builds")) all.push_back(name);
    auto group = "/devenv-build-" + sha256_hex(kept()).substr(0, 8);
    for (const auto& controller : names_in("/sys/fs/cgroup"))
      if (auto path = "/sys/fs/cgroup/" + controller + group; std::filesystem::exists(path))
        all.push_back(path);
    if (std::filesystem::exists("/sys/fs/cgroup" + group)) all.push_back(group);
    return all;
  }
};

TEST_F(BuildFault, AFailedStepIsToldWithItsPlaceAndKeepsNothingOfItself) {
  auto folder = with_dockerfile("web", fmt::format(R"(FROM {}
RUN echo first > /first

RUN echo so far && \
    echo no such package >&2 && exit 42
)",
                                                   base()));
  auto done = home->devenv({"up"}, folder);
  EXPECT_EQ(done.status, 1);
  EXPECT_THAT(done.err,
              AllOf(HasSubstr(".devcontainer/Dockerfile:4:1: the build failed at STEP 3/3: RUN echo so far"),
                    HasSubstr("exit status 42"), HasSubstr("so far\n"), HasSubstr("no such package\n"),
                    HasSubstr("mend it, then run the command again"), Not(HasSubstr("failed   image"))));
  EXPECT_THAT(built(), IsEmpty());
  EXPECT_THAT(home->orphans(), IsEmpty());
  EXPECT_THAT(home->names(), IsEmpty()) << "nothing was made that could be looked into";
  EXPECT_THAT(remains(), IsEmpty());
  write(folder + "/.devcontainer/Dockerfile",
        fmt::format("FROM {}\nRUN echo first > /first\nRUN echo second > /second\n", base()));
  EXPECT_THAT(up(folder), HasSubstr("Using cache"));
  EXPECT_EQ(inside("web", "cat /first /second"), "first\nsecond\n");
}

TEST_F(BuildFault, WhatIsMissingIsToldBeforeAnythingIsDone) {
  auto missing = project("web", R"({"build": {"dockerfile": "None"}})");
  auto done = home->devenv({"up"}, missing);
  EXPECT_EQ(done.status, 3);
  EXPECT_THAT(done.err, HasSubstr(".devcontainer/devcontainer.json:1:26: there is no .devcontainer/None"));
  auto context = with_dockerfile("web", "FROM scratch\n", R"("context": "none")");
  done = home->devenv({"up"}, context);
  EXPECT_EQ(done.status, 3);
  EXPECT_THAT(done.err, HasSubstr("there is no folder .devcontainer/none, the build's context"));
  auto pattern = with_dockerfile("web", "FROM scratch\n");
  write(pattern + "/.devcontainer/.dockerignore", "fine\n[a-\n");
  done = home->devenv({"up"}, pattern);
  EXPECT_EQ(done.status, 2);
  EXPECT_THAT(done.err, HasSubstr(".devcontainer/.dockerignore:2:1: "));
  std::filesystem::create_symlink("/etc", pattern + "/.devcontainer/outside");
  project("web", R"({"build": {"dockerfile": "Dockerfile", "context": "outside"}})");
  done = home->devenv({"up"}, pattern);
  EXPECT_EQ(done.status, 2);
  EXPECT_THAT(done.err, HasSubstr(".devcontainer/outside leads out of the repository"));
}

TEST_F(BuildFault, ABaseWhoseArgumentHasNoValueIsToldWithItsLine) {
  struct Case {
    std::string text;
    std::string args;
    std::string said;
    std::string mends;
  };
  const std::vector<Case> cases{
      {"ARG X\nFROM $X\n", "", "Dockerfile:2:1: FROM $X: X has no value\n", "ARG X=… above gives it one"},
      {"FROM scratch AS a\nFROM ${X}\n", "", "Dockerfile:2:1: FROM ${X}: X has no value\n",
       "no ARG X stands in front of the first FROM: ARG X=…"},
      {"ARG V\nFROM r.test/a:$V\n", "", "Dockerfile:2:1: FROM r.test/a:$V: V has no value\n", "ARG V=…"},
      {"FROM $X\n", R"("args": {"X": "scratch"})", "Dockerfile:1:1: FROM $X: X has no value\n",
       "the build gives it one, but no ARG X"}};
  for (const auto& one : cases) {
    auto folder = with_dockerfile("web", one.text, one.args);
    auto done = home->devenv({"up"}, folder);
    EXPECT_EQ(done.status, 2) << one.text;
    EXPECT_THAT(done.err, AllOf(HasSubstr("devenv: .devcontainer/" + one.said), HasSubstr(one.mends)));
  }
  EXPECT_THAT(home->names(), IsEmpty());
  // One that may be empty is none of it.
  up(with_dockerfile("web", fmt::format("ARG MORE=\nFROM {}${{MORE}}\nRUN true\n", base())));
}

TEST_F(BuildFault, ABaseThatIsNotThere) {
  auto folder = with_dockerfile("web", fmt::format("FROM {}/acme/none:1\n", registry->host()));
  auto done = home->devenv({"up"}, folder);
  EXPECT_EQ(done.status, 3);
  EXPECT_THAT(done.err,
              AllOf(HasSubstr(fmt::format("Dockerfile:1:1: FROM {}/acme/none:1: ", registry->host())),
                    HasSubstr("acme/none")));
}

TEST_F(BuildFault, CtrlCEndsABuildWithAllItStarted) {
  auto folder = with_dockerfile(
      "web", fmt::format("FROM {}\nRUN echo one > /one\nRUN echo begun; sleep 1000\n", base()));
  auto cli = home->begin({"up"}, -1, folder);
  ASSERT_TRUE(eventually([] { return said("web", "\nbegun"); }, std::chrono::seconds(30))) << home->log();
  ASSERT_GT(builder(), 1);
  auto members = namespace_of(builder());
  EXPECT_THAT(members_of(members), Not(IsEmpty()));
  ASSERT_TRUE(cli.signal(SIGINT));
  EXPECT_EQ(cli.wait().value_or(-1), 130);
  EXPECT_TRUE(eventually([&] { return members_of(members).empty(); }));
  EXPECT_TRUE(eventually([] { return home->orphans().empty() && remains().empty(); }));
  EXPECT_THAT(built(), IsEmpty());
  write(folder + "/.devcontainer/Dockerfile",
        fmt::format("FROM {}\nRUN echo one > /one\nRUN echo two > /two\n", base()));
  EXPECT_THAT(up(folder), HasSubstr("Using cache"));
  EXPECT_EQ(inside("web", "cat /one /two"), "one\ntwo\n");
}

TEST_F(BuildFault, ABuilderThatIsKilledIsAFailedBuild) {
  auto folder = with_dockerfile("web", fmt::format("FROM {}\nRUN echo begun; sleep 1000\n", base()));
  auto cli = home->begin({"up"}, -1, folder);
  ASSERT_TRUE(eventually([] { return said("web", "\nbegun"); }, std::chrono::seconds(30))) << home->log();
  ASSERT_GT(builder(), 1);
  auto members = namespace_of(builder());
  ASSERT_EQ(::kill(builder(), SIGKILL), 0);
  EXPECT_EQ(cli.wait().value_or(-1), 1);
  EXPECT_TRUE(eventually([&] { return members_of(members).empty(); }));
  EXPECT_TRUE(eventually([] { return home->orphans().empty() && remains().empty(); }));
  write(folder + "/.devcontainer/Dockerfile", fmt::format("FROM {}\nRUN echo two > /two\n", base()));
  up(folder);
  EXPECT_EQ(inside("web", "cat /two"), "two\n");
}

/// kill -9 of the daemon at each checkpoint of a build, and in the midst of a step.
TEST_F(BuildFault, KilledAtAnyMomentTheNextUpMendsIt) {
  ASSERT_EQ(home->devenv({"shutdown"}).status, 0);
  ASSERT_TRUE(eventually([] { return !home->daemon_answers(); }));
  int at = 0;
  for (const char* place :
       {"build.connected", "build.begun", "in a step", "build.built", "build.pushed", "build.imported"}) {
    SCOPED_TRACE(place);
    const std::string name = fmt::format("web{}", ++at);
    const bool in_step = std::string_view(place) == "in a step";
    auto folder = with_dockerfile(name, fmt::format("FROM {}\nRUN echo {} > /one\nRUN echo begun; {}\n",
                                                    base(), at, in_step ? "sleep 5" : "true"));
    home->start_daemon({{"DEVENV_STOP_AT", in_step ? "nowhere" : place}});
    auto cli = home->begin({"up"}, -1, folder);
    if (in_step)
      EXPECT_TRUE(eventually([&] { return said(name, "\nbegun"); }, std::chrono::seconds(30)));
    else
      EXPECT_TRUE(wait_until_stopped(home->daemon(), std::chrono::seconds(30))) << home->log();
    auto members = in_step ? namespace_of(builder()) : "none";
    home->kill_daemon();
    (void)cli.wait();
    EXPECT_TRUE(eventually([&] { return members_of(members).empty(); })) << "they end with the daemon";
    home->start_daemon();
    up(folder);
    EXPECT_EQ(inside(name, "cat /one"), fmt::format("{}\n", at));
    EXPECT_THAT(remains(), IsEmpty());
    EXPECT_THAT(home->orphans(), IsEmpty());
    EXPECT_THAT(built(), SizeIs(1));
    EXPECT_FALSE(std::filesystem::exists(kept() + "/cut-short") &&
                 std::string_view(place) != "build.imported");
    ASSERT_EQ(home->devenv({"rm", "--yes", name}).status, 0);
    ASSERT_EQ(home->devenv({"image", "gc"}).status, 0);
    EXPECT_EQ(home->stop_daemon(), 0);
  }
}

}  // namespace
}  // namespace photon::tests
