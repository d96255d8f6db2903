// The reference's command line on our daemon: as scripts use it, of root and of an ordinary user.
#include "tests/integration/lifecycle/suite.hpp"

namespace photon::tests {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

class Face : public LifeTest {
 protected:
  static Output devcontainer(std::vector<std::string> words, const std::string& folder,
                             std::string_view input = {}) {
    words.insert(words.begin(), home().program("devcontainer"));
    auto command = home().command(std::move(words));
    command.directory = folder;
    auto done = run(std::move(command), input, std::chrono::seconds(60));
    return done ? std::move(*done) : Output{-1, "", sentence(done.error())};
  }
  static json::value answer(const Output& output) {
    EXPECT_THAT(output.out, EndsWith("}\n")) << output.err << home().log();
    return parse_json(output.out, "the answer").value_or(nullptr);
  }
};

TEST_F(Face, UpAnswersWhatScriptsRead) {
  auto folder = project("scripted", R"({"image": "devenv/base:latest", "remoteUser": "dev",
    "postCreateCommand": "echo made >> log"})");
  auto made = devcontainer({"up", "--workspace-folder", folder}, "/");
  EXPECT_EQ(made.status, 0) << made.err;
  auto said = answer(made);
  EXPECT_EQ(text_or(said, "outcome"), "success");
  EXPECT_EQ(text_or(said, "remoteWorkspaceFolder"), "/workspaces/scripted");
  // Without privilege no mount maps owners: there the user is root inside.
  EXPECT_EQ(text_or(said, "remoteUser"), user() != nullptr ? "root" : "dev");
  auto id = text_or(said, "containerId");
  EXPECT_EQ(devcontainer({"exec", "--container-id", id, "pwd"}, "/").out, "/workspaces/scripted\n");
  EXPECT_EQ(read_file(folder + "/log").value_or(""), "made\n");
  // It is the environment of that folder for devenv, too, and the other way round.
  EXPECT_EQ(devenv({"exec", "scripted", "--", "cat", "log"}).out, "made\n");
  EXPECT_EQ(devenv({"up"}, folder).status, 0);
  EXPECT_EQ(home().names().size(), 1U);
}

TEST_F(Face, WhatDevenvMadeIsFound) {
  auto folder = project("both", R"({"image": "devenv/base:latest"})");
  up({}, folder);
  EXPECT_EQ(devcontainer({"exec", "echo", "found"}, folder).out, "found\n");
  EXPECT_EQ(devcontainer({"up"}, folder).status, 0);
  EXPECT_EQ(home().names().size(), 1U);
}

TEST_F(Face, ExecHandsOnStatusAndInput) {
  auto folder = project("run", R"({"image": "devenv/base:latest"})");
  EXPECT_EQ(devcontainer({"exec", "true"}, folder).status, 1);
  ASSERT_EQ(devcontainer({"up"}, folder).status, 0);
  EXPECT_EQ(devcontainer({"exec", "sh", "-c", "exit 7"}, folder).status, 7);
  EXPECT_EQ(devcontainer({"exec", "sh", "-c", "kill -9 $$"}, folder).status, 137);
  EXPECT_EQ(devcontainer({"exec", "none-such"}, folder).status, 126);
  EXPECT_EQ(devcontainer({"exec", "cat"}, folder, "given").out, "given");
  auto said = devcontainer({"run-user-commands"}, folder);
  EXPECT_EQ(said.out, "{\"outcome\":\"success\",\"result\":\"done\"}\n") << said.err;
}

TEST_F(Face, CommandsOfWhatIsStoppedAreNotRunAndNothingChanges) {
  auto folder = project("halted", R"({"image": "devenv/base:latest"})");
  ASSERT_EQ(devcontainer({"up"}, folder).status, 0);
  ASSERT_EQ(devenv({"stop", "halted"}).status, 0);
  auto said = devcontainer({"run-user-commands"}, folder);
  EXPECT_EQ(said.status, 1);
  EXPECT_EQ(text_or(answer(said), "message"), "halted does not run");
  EXPECT_EQ(devcontainer({"exec", "true"}, folder).status, 1);
  EXPECT_EQ(state("halted"), "stopped");
}

TEST_F(Face, AFailedCommandSaysWhereItFailed) {
  auto folder =
      project("broken", R"({"image": "devenv/base:latest", "postCreateCommand": "echo why; exit 3"})");
  auto failed = devcontainer({"up"}, folder);
  EXPECT_EQ(failed.status, 1);
  auto said = answer(failed);
  EXPECT_EQ(text_or(said, "outcome"), "error");
  EXPECT_EQ(text_or(said, "message"), "postCreateCommand exited 3");
  EXPECT_EQ(text_or(said, "description"), "postCreateCommand failed.");
  EXPECT_THAT(text_or(said, "containerId"), Not(testing::IsEmpty()));
  EXPECT_THAT(failed.err, HasSubstr("] why\n"));
}

TEST_F(Face, SetUpRunsWhatIsBroughtAlongInWhatRuns) {
  auto folder = project("kept", R"({"image": "devenv/base:latest", "postCreateCommand": "echo own >> log"})");
  auto id = text_or(answer(devcontainer({"up", "--skip-post-create"}, folder)), "containerId");
  put(folder + "/more.json", R"({"remoteEnv": {"A": "along"}, // a comment
    "postCreateCommand": "echo $A $B >> log", "postAttachCommand": "echo attached >> log"})");
  if (user() != nullptr) must_run({"chown", std::to_string(uid()), folder + "/more.json"});
  std::vector<std::string> words{"set-up",    "--container-id", id,   "--config",
                                 "more.json", "--remote-env",   "B=b"};
  auto done = devcontainer(words, folder);
  EXPECT_EQ(done.out, "{\"outcome\":\"success\"}\n") << done.err;
  EXPECT_EQ(read_file(folder + "/log").value_or(""), "own\nalong b\nattached\n");
  // What has run does not run again, and nothing of it is the environment's own.
  EXPECT_EQ(devcontainer(words, folder).status, 0);
  EXPECT_EQ(devcontainer({"run-user-commands"}, folder).status, 0);
  EXPECT_EQ(read_file(folder + "/log").value_or(""), "own\nalong b\nattached\nattached\n");
  EXPECT_EQ(devcontainer({"exec", "sh", "-c", "echo -$A-"}, folder).out, "--\n");
  EXPECT_EQ(devcontainer({"set-up", "--container-id", "none"}, folder).status, 1);
  ASSERT_EQ(devenv({"stop", "kept"}).status, 0);
  EXPECT_EQ(text_or(answer(devcontainer(words, folder)), "message"), "kept does not run");
}

TEST_F(Face, SecretsReachTheCommandsAndNothingElse) {
  auto folder = project("secret", R"({"image": "devenv/base:latest",
    "postCreateCommand": "echo value $S; test \"$S\" = hush-hush-hush"})");
  put(folder + "/secrets.json", R"({"S": "hush-hush-hush"})");
  if (user() != nullptr) must_run({"chown", std::to_string(uid()), folder + "/secrets.json"});
  auto made = devcontainer({"up", "--secrets-file", "secrets.json"}, folder);
  EXPECT_EQ(made.status, 0) << made.err;
  EXPECT_THAT(made.err, HasSubstr("value ********"));
  EXPECT_THAT(made.err, Not(HasSubstr("hush-hush-hush")));
  EXPECT_THAT(devenv({"logs", "secret"}).out, Not(HasSubstr("hush-hush-hush")));
  EXPECT_EQ(devcontainer({"exec", "sh", "-c", "echo -$S-"}, folder).out, "--\n");
  must_run({"sh", "-c", "! grep -r hush-hush-hush " + home().paths().data + "/journal.sqlite*"});
}

TEST_F(Face, WhatDevenvKeepsIsForDevenvAloneAndItAsksForNone) {
  auto folder = project("declared", R"({"image": "devenv/base:latest", "secrets": {"S": {}, "T": {}},
    "postStartCommand": "echo -$S- >> log"})");
  auto made = devcontainer({"up"}, folder);
  EXPECT_EQ(made.status, 0) << made.err;
  EXPECT_THAT(made.err, Not(HasSubstr("secret")));
  put(folder + "/secrets.json", R"({"S": "hush-hush-hush"})");
  if (user() != nullptr) must_run({"chown", std::to_string(uid()), folder + "/secrets.json"});
  auto given = devenv({"up", "--recreate", "--secrets-file", "secrets.json"}, folder);
  EXPECT_EQ(given.status, 0) << given.err;
  EXPECT_THAT(given.err, HasSubstr("secrets that were not given: T; "));
  EXPECT_EQ(inside("declared", "echo -$S-"), "-hush-hush-hush-\n");
  ASSERT_EQ(devenv({"stop", "declared"}).status, 0);
  ASSERT_EQ(devenv({"start", "declared"}).status, 0);
  ASSERT_EQ(devenv({"stop", "declared"}).status, 0);
  ASSERT_EQ(devcontainer({"up"}, folder).status, 0);
  EXPECT_EQ(read_file(folder + "/log").value_or(""), "--\n-hush-hush-hush-\n-hush-hush-hush-\n--\n");
  // The container has no file of it.
  EXPECT_EQ(inside("declared", "grep -rl hush-hush-hush /run 2>/dev/null || true"), "");
}

}  // namespace
}  // namespace photon::tests
