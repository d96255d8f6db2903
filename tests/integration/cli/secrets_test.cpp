// Secrets that a devcontainer.json declares, asked for as people see it, and where they then are.
#include "tests/integration/cli/person.hpp"

namespace photon::tests {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view declares = R"({ "image": "devenv/base:latest", "remoteUser": "dev",
  "secrets": { "TOKEN": { "description": "reads the registry", "documentationUrl": "https://example.org/tokens" },
               "KEY": {} },
  "postStartCommand": "echo got -$TOKEN- -$KEY- >> log; echo said $TOKEN" })";
constexpr std::string_view hush = "hush-hush-hush";

class DeclaredSecrets : public Person {
 protected:
  void TearDown() override {
    for (const auto& name : home().names()) EXPECT_EQ(home().devenv({"rm", "--yes", name}).status, 0);
    EXPECT_EQ(run({.argv = {"grep", "-rlF", std::string(hush), home() / "home"}}).value().out, "")
        << "nothing of it is left";
  }
  static std::string inside(const std::string& name) {
    return home().devenv({"exec", name, "--", "sh", "-c", "echo -$TOKEN- -$KEY-"}).out;
  }
};

TEST_F(DeclaredSecrets, AreAskedForOnceWithoutEcho) {
  auto folder = project("asked", declares);
  auto up = terminal({"up"}, 80, folder);
  ASSERT_TRUE(up.shows("  TOKEN=")) << up.screen();
  EXPECT_THAT(up.screen(), HasSubstr("asks for 2 secrets; Enter alone leaves one out\n"
                                     "  TOKEN: reads the registry\n    https://example.org/tokens\n"));
  up.type(std::string(hush) + "\n");
  ASSERT_TRUE(up.shows("  KEY="));
  up.type("\n");
  EXPECT_EQ(up.status(), 0) << up.screen();
  EXPECT_THAT(up.bytes(), AllOf(Not(HasSubstr(hush)), HasSubstr("said ********")));
  EXPECT_EQ(read_file(folder + "/log").value_or(""), "got -hush-hush-hush- --\n");
  EXPECT_EQ(inside("asked"), "-hush-hush-hush- --\n");
  EXPECT_THAT(home().devenv({"logs", "asked"}).out, Not(HasSubstr(hush)));
  run({.argv = {"rm", folder + "/log"}}).value();

  // One file has it, which the container does not see; not the journal and no log.
  auto files = run({.argv = {"grep", "-rlF", std::string(hush), home() / "home"}}).value().out;
  EXPECT_THAT(files, testing::ContainsRegex("^[^\n]*/secrets/[0-9a-z]+\n$"));

  EXPECT_EQ(home().devenv({"stop", "asked"}).status, 0);
  auto started = home().devenv({"start", "asked"});
  EXPECT_EQ(started.status, 0);
  EXPECT_THAT(started.err, Not(HasSubstr("secrets")));
  EXPECT_EQ(read_file(folder + "/log").value_or(""), "got -hush-hush-hush- --\n");
  auto again = terminal({"up"}, 80, folder);
  EXPECT_EQ(again.status(), 0);
  EXPECT_THAT(again.screen(), Not(HasSubstr("TOKEN")));
  run({.argv = {"rm", folder + "/log"}}).value();
}

TEST_F(DeclaredSecrets, CtrlCAtTheQuestionMakesNothing) {
  auto folder = project("refused", declares);
  auto up = terminal({"up"}, 80, folder);
  ASSERT_TRUE(up.shows("  TOKEN=")) << up.screen();
  up.type("\x03");
  EXPECT_EQ(up.status(), 130) << up.screen();
  EXPECT_THAT(home().names(), testing::IsEmpty());
}

TEST_F(DeclaredSecrets, OfACloneAreAskedForBesideWhatItMayDoHere) {
  auto source = make_project_repository(home() / "theirs", R"({ "image": "devenv/base:latest",
    "initializeCommand": "true", "secrets": { "TOKEN": { "description": "a \u001b[2Jscreen" } } })");
  auto up = terminal({"up", "file://" + source, "--name", "clone"});
  ASSERT_TRUE(up.shows("  TOKEN=")) << up.screen();
  EXPECT_THAT(up.bytes(), Not(HasSubstr("\x1b[2Jscreen")));
  up.type(std::string(hush) + "\n");
  ASSERT_TRUE(up.shows("Allow it? [y/N]")) << up.screen();
  up.type("y\n");
  EXPECT_EQ(up.status(), 0) << up.screen();
  EXPECT_EQ(inside("clone"), "-hush-hush-hush- --\n");
  EXPECT_EQ(home().devenv({"rm", "--yes", "clone"}).status, 0);
}

TEST_F(DeclaredSecrets, InAPipeALineNamesThemAndAFileGivesThem) {
  auto folder = project("piped", declares);
  auto without = home().devenv({"up", "--json"}, folder);
  EXPECT_EQ(without.status, 0) << without.err;
  EXPECT_THAT(without.err, HasSubstr("secrets that were not given: TOKEN, KEY; "
                                     "devenv up --secrets-file FILE piped gives them\n"));
  EXPECT_EQ(inside("piped"), "-- --\n");
  ASSERT_TRUE(write_file(home() / "secrets.json", R"({"TOKEN": "hush-hush-hush", "KEY": 7})"));
  auto with = home().devenv({"up", "--secrets-file", home() / "secrets.json"}, folder);
  EXPECT_EQ(with.status, 0) << with.err;
  EXPECT_THAT(with.err, Not(HasSubstr("secrets")));
  EXPECT_EQ(inside("piped"), "-hush-hush-hush- -7-\n");
  auto rebuilt = home().devenv({"rebuild", "piped"});
  EXPECT_EQ(rebuilt.status, 0);
  EXPECT_THAT(rebuilt.err, AllOf(Not(HasSubstr("secrets that")), HasSubstr("said ********")));
  run({.argv = {"rm", folder + "/log"}}).value();
}

TEST_F(DeclaredSecrets, AWrongFileIsNamedAndNothingOfItShown) {
  auto folder = project("wrong", declares);
  for (std::string_view text : {R"({"TOKEN": "hush-hush-hush")", R"(["hush-hush-hush"])",
                                R"({"TOKEN": {"a": "hush-hush-hush"}})", R"({"A=B": "hush-hush-hush"})"}) {
    ASSERT_TRUE(write_file(home() / "secrets.json", text));
    auto up = home().devenv({"up", "--secrets-file", home() / "secrets.json"}, folder);
    EXPECT_EQ(up.status, 2) << up.err;
    EXPECT_THAT(up.err, AllOf(HasSubstr("secrets.json"), Not(HasSubstr("hush"))));
  }
  EXPECT_EQ(home().devenv({"up", "--secrets-file", "/none.json"}, folder).status, 3);
}

}  // namespace
}  // namespace photon::tests
