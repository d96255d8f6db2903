// Exit statuses and sentences, through the real daemon.
#include "tests/integration/cli/person.hpp"

namespace photon::tests {
namespace {

using testing::HasSubstr;

class Statuses : public Person {
 protected:
  static void SetUpTestSuite() {
    Person::SetUpTestSuite();
    auto up =
        home().devenv({"up"}, project("web", R"({ "image": "devenv/base:latest", "remoteUser": "dev" })"));
    ASSERT_EQ(up.status, 0) << up.err;
  }
};

TEST_F(Statuses, OfEachKindOfFault) {
  struct {
    std::vector<std::string> words;
    int status;
    std::string said;
  } cases[] = {
      {{"stop", "wbe"}, 3, "devenv: there is no environment \"wbe\"\n  did you mean web?\n"},
      {{"rm", "wbe"}, 3, "devenv: there is no environment \"wbe\"\n  did you mean web?\n"},
      {{"ports", "nothing-like-it"},
       3,
       "devenv: there is no environment \"nothing-like-it\"\n  devenv ls shows them all\n"},
      {{"exec", "wbe", "--", "true"}, 125, "devenv: there is no environment \"wbe\"\n  did you mean web?\n"},
      {{"ssh", "wbe"}, 125, "devenv: there is no environment \"wbe\"\n  did you mean web?\n"},
      {{"exec", "web", "--", "sh", "-c", "exit 9"}, 9, ""},
      {{"exec", "web", "--", "sh", "-c", "kill -9 $$"}, 137, ""},
      {{"exec", "-w", "/none", "web", "--", "true"},
       125,
       "devenv: cannot run true in the environment: enter the folder: No such file or directory\n"},
      {{"imgae"}, 2, "devenv: there is no command \"imgae\"\n  did you mean devenv image?\n"},
      {{"rm"}, 2, "devenv: rm needs NAME\n  devenv rm [OPTION…] NAME\n"},
      {{"up", "/none"},
       3,
       "devenv: there is no folder /none\n  give a URL (https://…, ssh://…, git@host:path) or a folder that "
       "exists\n"},
      {{"image", "rm", "localhost/none:1"},
       3,
       "devenv: there is no image localhost/none:1 here\n  devenv image ls shows them\n"},
      {{"ports", "web", "--publish", "99999"},
       2,
       "devenv: \"99999\" is no port\n  a port is a number from 1 to 65535\n"},
  };
  for (const auto& one : cases) {
    auto output = home().devenv(one.words);
    EXPECT_EQ(output.status, one.status) << testing::PrintToString(one.words);
    EXPECT_EQ(output.err, one.said) << testing::PrintToString(one.words);
  }
}

TEST_F(Statuses, SshHandsOnTheInnerOne) {
  auto output = home().devenv({"ssh", "web", "--", "echo inside; exit 7"});
  EXPECT_EQ(output.status, 7) << output.err;
  EXPECT_EQ(output.out, "inside\n");
}

TEST_F(Statuses, OfAStoppedOneSayHowToStartIt) {
  ASSERT_EQ(home().devenv({"stop", "web"}).status, 0);
  for (const char* verb : {"exec", "ssh"}) {
    auto output = home().devenv({verb, "web", "--", "true"});
    EXPECT_EQ(output.status, 125) << verb;
    EXPECT_EQ(output.err, "devenv: web is stopped\n  devenv start web\n") << verb;
  }
  ASSERT_EQ(home().devenv({"start", "web"}).status, 0);
}

TEST_F(Statuses, CommonOptionsMayStandAnywhere) {
  EXPECT_THAT(home().devenv({"--verbose", "ls"}).err, HasSubstr(" ms  daemon at "));
  EXPECT_EQ(home().devenv({"--json", "exec", "web", "--", "echo", "--json"}).out,
            home().devenv({"exec", "web", "--json", "--", "echo", "--json"}).out);
}

TEST_F(Statuses, TheDaemonThatIsAwayIsStartedAndEverythingIsStillThere) {
  ASSERT_EQ(home().devenv({"shutdown"}).status, 0);
  auto output = home().devenv({"exec", "web", "--", "echo", "still"});
  EXPECT_EQ(output.status, 0) << output.err;
  EXPECT_EQ(output.out, "still\n");
}

}  // namespace
}  // namespace photon::tests
