// Features become layers: installed once, in order, with their options and users; what they ask of the
// container acts; what fails leaves nothing.
#include <csignal>

#include "tests/integration/feature/suite.hpp"

namespace photon::tests {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class Features : public FeatureTest {};

/// Tells two installs apart.
constexpr const char* stamp = "cat /proc/sys/kernel/random/uuid > /stamp";

TEST_F(Features, ALocalOneIsInstalledWithItsOptionsForItsUsers) {
  auto folder = with_features("web", R"({"./tools": {"size": "$HOME `id` \"x\"\nline"}})",
                              R"("remoteUser": "dev", "containerEnv": {"LATE": "yes"})");
  local(folder, "tools",
        {R"({"id": "tools", "version": "1.0.0",
      "options": {"size": {"type": "string", "default": "small"}, "fooBar": {"type": "boolean", "default": true}},
      "containerEnv": {"TOOLS": "/opt/tools", "PATH": "${TOOLS}/bin:${PATH}"}})",
         R"(mkdir -p /opt/tools/bin
echo "#!/bin/sh
echo tool" > /opt/tools/bin/tool
chmod 755 /opt/tools/bin/tool
{ echo "$SIZE|$FOOBAR|$TOOLS|$LATE"
  echo "$_CONTAINER_USER $_CONTAINER_USER_HOME $_REMOTE_USER $_REMOTE_USER_HOME"
  id -u; pwd; ls; } > /told
touch ./written-here)"});
  auto said = up(folder);
  EXPECT_THAT(said, HasSubstr("tools 1.0.0"));
  EXPECT_EQ(inside("web", "cat /told"),
            "$HOME `id` \"x\"\nline|true|/opt/tools|\nroot /root dev /home/dev\n0\n/run/devenv/feature\n"
            "devcontainer-feature.json\ninstall.sh\n");
  EXPECT_EQ(inside("web", "tool; echo $LATE"), "tool\nyes\n");
  EXPECT_FALSE(std::filesystem::exists(folder + "/.devcontainer/tools/written-here"));
  EXPECT_FALSE(std::filesystem::exists(folder + "/.devcontainer/devcontainer-lock.json"))
      << "nothing to lock";
}

TEST_F(Features, OneLayerForTwoEnvironmentsAndNoSecondInstall) {
  const fixtures::Published tools{R"({"id": "tools", "options": {"a": {"default": "1"}}})", stamp};
  auto one = with_features("one", R"({"./tools": {}})"), two = with_features("two", R"({"./tools": {}})");
  auto other = with_features("other", R"({"./tools": {"a": "2"}})");
  for (const auto& folder : {one, two, other}) local(folder, "tools", tools);
  up(one);
  EXPECT_THAT(up(two), HasSubstr("cached"));
  auto mark = inside("one", "cat /stamp");
  EXPECT_EQ(inside("two", "cat /stamp"), mark);
  up(other);
  EXPECT_NE(inside("other", "cat /stamp"), mark) << "other options are another layer";
  EXPECT_THAT(layers(), SizeIs(2));
  // A container of its own each: what one writes the other does not see.
  inside("one", "echo mine > /stamp");
  EXPECT_EQ(inside("two", "cat /stamp"), mark);
  up(two, {"--recreate"});
  EXPECT_EQ(inside("two", "cat /stamp"), mark);
  // What stands on it keeps it; the next environment finds it, and so does one after the last has gone.
  ASSERT_EQ(home->devenv({"rm", "--yes", "other"}).status, 0);
  ASSERT_EQ(home->devenv({"image", "gc"}).status, 0);
  EXPECT_THAT(layers(), SizeIs(1));
  ASSERT_EQ(home->devenv({"rm", "--yes", "one"}).status, 0);
  ASSERT_EQ(home->devenv({"rm", "--yes", "two"}).status, 0);
  up(one);
  EXPECT_EQ(inside("one", "cat /stamp"), mark);
}

/// What `devenv image ls --all` has of that kind: how many, and their bytes.
std::pair<unsigned, std::int64_t> listed(Home& home, std::string_view kind) {
  auto rows = parse_json(home.devenv({"image", "ls", "--all", "--json"}).out, "the list").value();
  std::pair<unsigned, std::int64_t> sum;
  for (const auto& row : rows.get_array()) {
    if (text_or(row, "kind") != kind) continue;
    ++sum.first;
    sum.second += number_or(row, "size");
  }
  return sum;
}

TEST_F(Features, TheListSaysWhatLayersTakeAsTheCollectionCountsThem) {
  const fixtures::Published tools{R"({"id": "tools", "options": {"a": {"default": "1"}}})",
                                  "head -c 2000000 /dev/urandom > /bytes"};
  auto one = with_features("one", R"({"./tools": {}})"),
       two = with_features("two", R"({"./tools": {"a": "2"}})");
  for (const auto& folder : {one, two}) {
    local(folder, "tools", tools);
    up(folder);
  }
  auto [layers_before, before] = listed(*home, "feature");
  EXPECT_EQ(layers_before, 2U);
  EXPECT_GE(before, 4000000);
  const auto fetched = listed(*home, "download").second;
  EXPECT_GT(fetched, 0);
  auto list = home->devenv({"image", "ls"});
  EXPECT_THAT(list.err, testing::ContainsRegex(
                            "\n  beside them: 2 layers of features 4[.0-9]* MB, features as fetched "));
  EXPECT_THAT(list.out, Not(HasSubstr("features"))) << "what completions read has images alone";
  EXPECT_THAT(
      home->devenv({"image", "ls", "-a"}).out,
      testing::ContainsRegex("NAME +KIND +SIZE +DIGEST\n.*\n  \\./tools +feature +2[.0-9]* MB +feature-"));
  auto plain = parse_json(home->devenv({"image", "ls", "--json"}).out, "the list").value();
  for (const auto& row : plain.get_array()) EXPECT_EQ(text_or(row, "kind"), "image");

  ASSERT_EQ(home->devenv({"rm", "--yes", "two"}).status, 0);
  auto freed = parse_json(home->devenv({"image", "gc", "--json"}).out, "the answer").value();
  auto [layers_after, after] = listed(*home, "feature");
  EXPECT_EQ(layers_after, 1U);
  EXPECT_EQ(number_or(freed, "freed"), before - after + fetched - listed(*home, "download").second);
}

TEST_F(Features, TwoAtOnceInstallOnce) {
  const fixtures::Published tools{R"({"id": "tools"})", std::string("sleep 1; ") + stamp};
  std::vector<Child> running;
  for (const char* name : {"one", "two", "three"}) {
    auto folder = with_features(name, R"({"./tools": {}})");
    local(folder, "tools", tools);
    running.push_back(home->begin({"up"}, -1, folder));
  }
  for (auto& child : running) EXPECT_EQ(child.wait().value_or(-1), 0) << home->log();
  EXPECT_EQ(inside("one", "cat /stamp"), inside("two", "cat /stamp"));
  EXPECT_EQ(inside("one", "cat /stamp"), inside("three", "cat /stamp"));
  EXPECT_THAT(layers(), SizeIs(1));
}

TEST_F(Features, InTheOrderOfTheirNeeds) {
  auto folder = with_features("web", R"({"./a": {}, "./b": {}, "./c": {}})",
                              R"("overrideFeatureInstallOrder": ["./c", "./cc"])");
  auto writes = [](const std::string& name) { return fmt::format("echo {} >> /order", name); };
  local(folder, "a", {R"({"id": "a", "dependsOn": {"./d": {"x": "1"}}, "options": {}})", writes("a")});
  local(folder, "b", {R"({"id": "b"})", writes("b")});
  local(folder, "c", {R"({"id": "c"})", writes("c")});
  local(folder, "d",
        {R"({"id": "d", "options": {"x": {"default": "0"}}, "installsAfter": ["./b"]})", writes("d$X")});
  EXPECT_THAT(up(folder), HasSubstr("names ./cc, which is no feature here; did you mean \"./c\"?"));
  EXPECT_EQ(inside("web", "cat /order"), "c\nb\nd1\na\n");
  local(folder, "d",
        {R"({"id": "d", "options": {"x": {"default": "0"}}, "dependsOn": {"./a": {}}})", "true"});
  auto done = home->devenv({"up", "--recreate"}, folder);
  EXPECT_EQ(done.status, 2);
  EXPECT_THAT(done.err, AllOf(HasSubstr("features need each other in a circle: "), HasSubstr("./a")));
  EXPECT_EQ(inside("web", "cat /order"), "c\nb\nd1\na\n") << "what ran goes on";
}

TEST_F(Features, WhatTheyAskOfTheContainerActs) {
  auto folder = with_features("web", R"({"./tools": {}})",
                              R"("remoteUser": "root", "postCreateCommand": "echo file >> /order")");
  local(folder, "tools",
        {R"({"id": "tools", "capAdd": ["SYS_PTRACE"], "entrypoint": "/start.sh",
      "mounts": ["type=volume,source=kept-${devcontainerId},target=/kept"],
      "postCreateCommand": "echo feature >> /order"})",
         "echo 'echo started > /tmp/started' > /start.sh; chmod 755 /start.sh"});
  up(folder);
  EXPECT_EQ(inside("web", "cat /order"), "feature\nfile\n");
  EXPECT_TRUE(eventually([&] { return inside("web", "cat /tmp/started; true") == "started\n"; }));
  EXPECT_THAT(inside("web", "grep ' /kept ' /proc/mounts"), Not(IsEmpty()));
  // SYS_PTRACE is the 20th.
  EXPECT_THAT(inside("web", "head -n 60 /proc/1/status | grep CapBnd"),
              testing::ContainsRegex("[89a-f]....$|[89a-f]....\n"));
}

TEST_F(Features, WhatAClonesAsksOfThisMachineNeedsAYes) {
  const std::string repository = *home / "served/web.git";
  local(repository, "tools",
        {R"({"id": "tools", "mounts": ["type=bind,source=/etc,target=/machine,readonly"]})", stamp});
  make_project_repository(repository, R"({"image": "devenv/base:latest", "features": {"./tools": {}}})");
  GitHttpServer server(*home / "served");
  auto asked = home->devenv({"up", server.url("web.git")});
  EXPECT_EQ(asked.status, 4) << asked.err;
  EXPECT_THAT(asked.err, HasSubstr("read /etc at /machine"));
  EXPECT_THAT(layers(), IsEmpty()) << "nothing of it has run";
  auto agreed = home->devenv({"up", "--trust", server.url("web.git")});
  EXPECT_EQ(agreed.status, 0) << agreed.err;
  EXPECT_THAT(inside("web", "ls /machine"), HasSubstr("passwd"));
}

TEST_F(Features, AFailedInstallIsToldAndLeavesNothing) {
  auto folder = with_features("web", R"({"./first": {}, "./second": {}})");
  local(folder, "first", {R"({"id": "first"})", stamp});
  local(folder, "second", {R"({"id": "second"})", "echo so far; echo no such package >&2; exit 42"});
  auto done = home->devenv({"up"}, folder);
  EXPECT_EQ(done.status, 1);
  EXPECT_THAT(done.err, AllOf(HasSubstr("the feature ./second failed to install: its install.sh exited 42"),
                              HasSubstr("so far"), HasSubstr("no such package")));
  EXPECT_THAT(layers(), SizeIs(1)) << "the first one is whole";
  EXPECT_THAT(home->orphans(), IsEmpty());
  EXPECT_THAT(home->names(), IsEmpty()) << "nothing was made that could be looked into";
  local(folder, "second", {R"({"id": "second"})", "true"});
  EXPECT_THAT(up(folder), HasSubstr("cached"));
}

TEST_F(Features, AnInstallOutlivesItsContainerd) {
  auto folder = with_features("web", R"({"./slow": {}})");
  local(folder, "slow", {R"({"id": "slow"})", std::string("echo begun; sleep 3; ") + stamp});
  auto cli = home->begin({"up"}, -1, folder);
  ASSERT_TRUE(eventually([] { return home->devenv({"logs", "web"}).out.find("begun") != std::string::npos; },
                         std::chrono::seconds(30)));
  ASSERT_GT(home->containerd_pid(), 1);
  ASSERT_EQ(::kill(home->containerd_pid(), SIGKILL), 0);
  EXPECT_EQ(cli.wait().value_or(-1), 0) << home->log();
  EXPECT_EQ(inside("web", "wc -c < /stamp"), "37\n");
}

TEST_F(Features, CtrlCEndsAnInstallAndLeavesNothing) {
  auto folder = with_features("web", R"({"./slow": {}})");
  local(folder, "slow", {R"({"id": "slow"})", "echo begun; sleep 1000"});
  auto cli = home->begin({"up"}, -1, folder);
  ASSERT_TRUE(eventually([] { return home->devenv({"logs", "web"}).out.find("begun") != std::string::npos; },
                         std::chrono::seconds(30)));
  ASSERT_TRUE(cli.signal(SIGINT));
  EXPECT_EQ(cli.wait().value_or(-1), 130);
  EXPECT_TRUE(eventually([] { return home->orphans().empty(); }));
  EXPECT_THAT(layers(), IsEmpty());
}

TEST_F(Features, AnEnvironmentThatExistsKeepsItsOwn) {
  auto folder = with_features("web", R"({"./tools": {}})");
  local(folder, "tools", {R"({"id": "tools", "containerEnv": {"OF_FEATURE": "1"}})", stamp});
  up(folder);
  auto mark = inside("web", "cat /stamp");
  ASSERT_EQ(home->devenv({"stop", "web"}).status, 0);
  up(folder);
  EXPECT_EQ(inside("web", "cat /stamp; echo $OF_FEATURE"), mark + "1\n");
  local(folder, "tools", {R"({"id": "tools", "containerEnv": {"OF_FEATURE": "2"}})", stamp});
  ASSERT_EQ(home->devenv({"rebuild", "web"}, folder).status, 0);
  EXPECT_EQ(inside("web", "echo $OF_FEATURE"), "2\n");
  EXPECT_NE(inside("web", "cat /stamp"), mark);
}

}  // namespace
}  // namespace photon::tests
