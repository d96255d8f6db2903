// What no prebuild is made of, what is said then, and that nothing is left.
#include <fcntl.h>

#include <boost/json/array.hpp>
#include <csignal>

#include "tests/integration/prebuild/suite.hpp"

namespace photon::tests {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

class PrebuildRefusal : public PrebuildTest {
 protected:
  static void expect_refused(std::vector<std::string> words, int status, const std::string& sentence,
                             const std::string& hint) {
    auto done = home->devenv(std::move(words));
    EXPECT_EQ(done.status, status) << done.err;
    EXPECT_THAT(done.err, AllOf(HasSubstr("devenv: " + sentence), HasSubstr("\n  " + hint)));
    EXPECT_THAT(prebuilds(), IsEmpty());
    EXPECT_THAT(home->journal(), IsEmpty());
    EXPECT_THAT(home->orphans(), IsEmpty());
  }
};

TEST_F(PrebuildRefusal, AFolderThatIsUsedInPlace) {
  auto folder = project("local", R"({"image": "devenv/base:latest"})");
  expect_refused({"prebuild", folder}, 2,
                 folder + " is used in place, so nothing of its sources could be kept",
                 "name its repository: devenv prebuild URL");
}

TEST_F(PrebuildRefusal, NoSourceAndAnUnknownOne) {
  expect_refused({"prebuild"}, 2, "prebuild needs SOURCE", "devenv prebuild [OPTION…] SOURCE");
  expect_refused({"prebuild", "/nowhere/at-all"}, 3, "there is no folder", "give a URL");
  expect_refused({"prebuild", server->url("missing.git")}, 3, "there is no repository at",
                 "check the address");
}

TEST_F(PrebuildRefusal, ComposeFiles) {
  put(*home / "served/compose.git/.devcontainer/compose.yaml",
      "services:\n  app:\n    image: devenv/base:latest\n");
  auto url = repository("compose", R"({"dockerComposeFile": "compose.yaml", "service": "app"})");
  auto done = home->devenv({"prebuild", url});
  EXPECT_EQ(done.status, 2) << done.err;
  EXPECT_THAT(done.err, AllOf(HasSubstr("a prebuild of compose files is not made yet"), HasSubstr(":1:")));
  EXPECT_THAT(home->journal(), IsEmpty());
}

TEST_F(PrebuildRefusal, AHookThatFails) {
  auto url = repository("broken", R"({"image": "devenv/base:latest",
                                      "onCreateCommand": "echo what is wrong; exit 7"})");
  auto done = home->devenv({"prebuild", url});
  EXPECT_EQ(done.status, 1) << done.err;
  EXPECT_THAT(done.err, AllOf(HasSubstr("onCreateCommand exited 7"), HasSubstr("what is wrong")));
  EXPECT_THAT(prebuilds(), IsEmpty());
  EXPECT_THAT(home->journal(), IsEmpty());
  EXPECT_THAT(home->orphans(), IsEmpty());
}

TEST_F(PrebuildRefusal, CtrlCLeavesNothing) {
  auto url = repository("slow", R"({"image": "devenv/base:latest",
                                    "onCreateCommand": "echo it began; sleep 60"})");
  auto file = *home / "user/said";
  auto out = open_fd(file, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  ASSERT_TRUE(out);
  auto cli = home->begin({"prebuild", url}, out->get());
  ASSERT_TRUE(eventually([&] { return !home->journal().empty() && !home->shim_pids().empty(); }));
  EXPECT_THAT(home->names(), IsEmpty()) << "it is nobody's environment";
  EXPECT_TRUE(cli.signal(SIGINT));
  EXPECT_EQ(cli.wait().value_or(-1), 130);
  EXPECT_THAT(read_file(file).value_or(""), HasSubstr("no environment was made"));
  EXPECT_THAT(prebuilds(), IsEmpty());
  EXPECT_THAT(home->journal(), IsEmpty());
  EXPECT_THAT(home->orphans(), IsEmpty());
}

TEST_F(PrebuildRefusal, WhatActsOutsideOfTheContainerIsAskedFor) {
  auto url = repository("stranger", R"({"image": "devenv/base:latest", "initializeCommand": "true"})");
  expect_refused({"prebuild", url}, 4, "stranger asks for what is outside of its container",
                 "run here: true\n  devenv prebuild --trust " + url + " allows it");
}

TEST_F(PrebuildRefusal, AnUnknownOneToDelete) {
  auto url = repository("known", configuration());
  prebuild({url});
  auto done = home->devenv({"prebuild", "rm", "knwon"});
  EXPECT_EQ(done.status, 3);
  EXPECT_THAT(done.err, HasSubstr("there is no prebuild \"knwon\"\n  did you mean known?"));
}

TEST_F(PrebuildRefusal, AVolumeThatHooksWriteInto) {
  auto url = repository("volume", configuration(R"("mounts": ["type=volume,source=cache,target=/cache"])"));
  auto done = home->devenv({"prebuild", url});
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_THAT(done.err, HasSubstr("what its hooks wrote into the volume cache is not kept"));
}

}  // namespace
}  // namespace photon::tests
