// Lifecycle commands that fail: the environment stays for inspection, and `up` goes on where it stopped.
#include "tests/integration/failure/suite.hpp"

namespace photon::tests {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

using Hook = FailureTest;

TEST_F(Hook, AFailingOneShowsItsOutputAndStatusAndUpGoesOnFromThere) {
  auto folder = project("api", R"({
    "image": "devenv/base:latest",
    "onCreateCommand": "echo once >> /tmp/created",
    "postCreateCommand": "echo looking for the flag; test -f /tmp/flag || { echo no flag >&2; exit 23; }",
    "postStartCommand": "echo started >> /tmp/started"})");
  auto up = home->devenv({"up"}, folder);
  EXPECT_EQ(up.status, 1) << up.err;
  EXPECT_THAT(up.err,
              AllOf(HasSubstr("devenv: postCreateCommand exited 23\n"), HasSubstr("looking for the flag"),
                    HasSubstr("no flag"), HasSubstr("devenv logs api"), IsAWellFormedError()));

  auto api = home->environment("api");
  EXPECT_EQ(text_or(api, "state"), "failed");
  EXPECT_THAT(text_or(api, "failure"), HasSubstr("postCreateCommand exited 23"));
  auto listed = home->devenv({"ls"});
  EXPECT_THAT(listed.out, AllOf(HasSubstr("failed"), HasSubstr("postCreateCommand exited 23")));
  auto logs = home->devenv({"logs", "api"});
  EXPECT_EQ(logs.status, 0);
  EXPECT_THAT(logs.out, AllOf(HasSubstr("onCreateCommand"), HasSubstr("no flag"), HasSubstr("exited 23")));

  // Kept for inspection: it can be entered, and mended.
  auto inspected = home->devenv({"exec", "api", "--", "sh", "-c", "cat /tmp/created; touch /tmp/flag"});
  EXPECT_EQ(inspected.status, 0) << inspected.err;
  EXPECT_EQ(inspected.out, "once\n");
  auto again = home->devenv({"up"}, folder);
  EXPECT_EQ(again.status, 0) << again.err;
  EXPECT_THAT(again.err, Not(HasSubstr("onCreateCommand")));
  EXPECT_EQ(home->devenv({"exec", "api", "--", "cat", "/tmp/created", "/tmp/started"}).out,
            "once\nstarted\n");
  EXPECT_EQ(text_or(home->environment("api"), "state"), "running");
  EXPECT_EQ(text_or(home->environment("api"), "failure"), "");
}

TEST_F(Hook, AFailureSurvivesTheDaemon) {
  auto folder = project("kept", R"({"image": "devenv/base:latest", "postCreateCommand": "exit 3"})");
  ASSERT_EQ(home->devenv({"up"}, folder).status, 1);
  ASSERT_EQ(home->devenv({"shutdown"}).status, 0);
  auto kept = home->environment("kept");  // a new daemon
  EXPECT_EQ(text_or(kept, "state"), "failed");
  EXPECT_THAT(text_or(kept, "failure"), HasSubstr("postCreateCommand exited 3"));
  EXPECT_EQ(home->devenv({"exec", "kept", "--", "true"}).status, 0);
  EXPECT_EQ(home->devenv({"start", "kept"}).status, 1);  // goes on from there, too: the hook runs again
}

TEST_F(Hook, OneThatCannotBeStartedIsNamed) {
  auto folder =
      project("missing", R"({"image": "devenv/base:latest", "postCreateCommand": ["no-such-program", "x"]})");
  auto up = home->devenv({"up"}, folder);
  EXPECT_EQ(up.status, 1) << up.err;
  EXPECT_THAT(up.err,
              AllOf(HasSubstr("postCreateCommand"), HasSubstr("no-such-program"), IsAWellFormedError()));
  EXPECT_EQ(text_or(home->environment("missing"), "state"), "failed");
}

TEST_F(Hook, OneOfSeveralAtOnceIsNamedAndTheOthersEnd) {
  auto folder = project("several", R"({
    "image": "devenv/base:latest",
    "postCreateCommand": {"good": "echo fine > /tmp/good", "bad": "echo broken; exit 4"}})");
  auto up = home->devenv({"up"}, folder);
  EXPECT_EQ(up.status, 1) << up.err;
  EXPECT_THAT(up.err, AllOf(HasSubstr("exited 4"), HasSubstr("broken"), IsAWellFormedError()));
  EXPECT_EQ(home->devenv({"exec", "several", "--", "cat", "/tmp/good"}).out, "fine\n");
}

TEST_F(Hook, OutputWithControlCharactersIsShownSafely) {
  auto folder = project("rude", R"({
    "image": "devenv/base:latest",
    "postCreateCommand": "printf 'a\\033]0;owned\\007b\\033[2Jc\\n'; exit 1"})");
  auto up = home->devenv({"up"}, folder);
  EXPECT_EQ(up.status, 1);
  EXPECT_THAT(up.err, Not(HasSubstr("\x1b")));
}

TEST_F(Hook, AnInitializeCommandThatFailsLeavesNoContainer) {
  auto folder = project("local", R"({
    "image": "devenv/base:latest", "initializeCommand": "echo on this machine; exit 6"})");
  auto up = home->devenv({"up"}, folder);
  EXPECT_EQ(up.status, 1) << up.err;
  EXPECT_THAT(up.err, AllOf(HasSubstr("initializeCommand exited 6"), HasSubstr("on this machine"),
                            IsAWellFormedError()));
}

TEST_F(Hook, AnInitOfTheImageThatEndsAtOnceIsShown) {
  auto folder = project("ends", R"({"image": "devenv/base:latest", "containerUser": "nobody-of-that-name"})");
  auto up = home->devenv({"up"}, folder);
  EXPECT_NE(up.status, 0);
  EXPECT_NE(up.status, 70);
  EXPECT_THAT(up.err, AllOf(HasSubstr("nobody-of-that-name"), IsAWellFormedError()));
}

}  // namespace
}  // namespace photon::tests
