// The screens of the main job, with the real daemon behind them.
#include "tests/integration/cli/person.hpp"

namespace photon::tests {
namespace {

using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

constexpr std::string_view with_hook = R"({ "image": "devenv/base:latest", "remoteUser": "dev",
  "forwardPorts": [3000], "portsAttributes": { "3000": { "label": "app" } },
  "postCreateCommand": "echo one; echo two" })";

class Screens : public Person {};

TEST_F(Screens, UpIsOneLineAStepAndSaysWhatToDoNext) {
  auto folder = project("web", with_hook);
  auto up = terminal({"up"}, 80, folder);
  EXPECT_EQ(up.status(), 0) << up.screen();
  auto screen = up.screen();
  EXPECT_THAT(screen, ContainsRegex("^  image    devenv/base:latest                cached\n  create   web"));
  EXPECT_THAT(screen,
              ContainsRegex("\n  hook     postCreateCommand: echo one; .*\n\n  web is ready \\([0-9.]+ s\\)\n"
                            "    devenv ssh web\n"));
  EXPECT_THAT(screen, ContainsRegex("\n    http://127.0.0.1:[0-9]+   port 3000, \"app\"\n"));
  EXPECT_THAT(screen, Not(HasSubstr("\n           two")))
      << "what a hook says is folded away when it is done";
  EXPECT_THAT(up.bytes(), HasSubstr("two")) << "but was shown while it ran";
  EXPECT_EQ(home().devenv({"rm", "web"}).status, 0);
}

TEST_F(Screens, ANarrowTerminalWrapsNoStep) {
  auto folder = project("narrow", with_hook);
  auto up = terminal({"up"}, 40, folder);
  EXPECT_EQ(up.status(), 0) << up.screen();
  auto steps = up.screen().substr(0, up.screen().find("\n\n"));
  EXPECT_EQ(lines_of(steps).size(), 3U) << steps;
  for (const auto& line : lines_of(steps)) EXPECT_THAT(line, StartsWith("  "));
  auto list = terminal({"ls"}, 40);
  EXPECT_EQ(list.status(), 0);
  EXPECT_EQ(lines_of(list.screen()).size(), 2U) << list.screen();
  EXPECT_EQ(home().devenv({"rm", "narrow"}).status, 0);
}

TEST_F(Screens, ADumbTerminalAndAPipeGetTheSameWordsAsPlainLines) {
  auto folder = project("plain", with_hook);
  auto dumb = terminal({"up"}, 80, folder, {"TERM=dumb"});
  EXPECT_EQ(dumb.status(), 0) << dumb.screen();
  EXPECT_THAT(dumb.bytes(), Not(HasSubstr("\x1b")));
  EXPECT_THAT(dumb.screen(),
              AllOf(HasSubstr("  image    devenv/base:latest                cached\n"),
                    HasSubstr("  hook     postCreateCommand: echo one; echo two\n           one\n"),
                    HasSubstr("  plain is ready (")));
  auto colourless = terminal({"rebuild", "plain"}, 80, folder, {"NO_COLOR=1"});
  EXPECT_EQ(colourless.status(), 0);
  EXPECT_THAT(colourless.bytes(), Not(HasSubstr("\x1b[1m")));
  auto piped = home().devenv({"rebuild", "plain"}, folder);
  EXPECT_EQ(piped.status, 0);
  EXPECT_THAT(piped.out, IsEmpty()) << "the story belongs to stderr";
  EXPECT_THAT(piped.err,
              AllOf(HasSubstr("           two\n"), HasSubstr("plain is rebuilt\n"), Not(HasSubstr("\x1b"))));
  EXPECT_EQ(home().devenv({"rm", "plain"}).status, 0);
}

TEST_F(Screens, AFailedHookIsShownWholeAndListedWithWhatToDo) {
  auto folder = project("bad", R"({ "image": "devenv/base:latest",
    "postStartCommand": "echo before; echo it breaks >&2; exit 4" })");
  auto up = terminal({"up"}, 80, folder);
  EXPECT_EQ(up.status(), 1);
  EXPECT_THAT(up.screen(),
              ContainsRegex("  failed   hook postStartCommand.*\n           before\n           it breaks\n"));
  EXPECT_THAT(up.screen(), ContainsRegex("\ndevenv: postStartCommand .*4\n  .*devenv "));
  EXPECT_THAT(home().devenv({"ls"}).out, ContainsRegex("  bad +failed +local .*: devenv logs bad\n"));
  auto narrow = terminal({"ls"}, 60);
  EXPECT_EQ(narrow.status(), 0);
  EXPECT_THAT(narrow.screen(), ContainsRegex("\n  bad: .*: devenv logs bad\n"));
  EXPECT_THAT(home().devenv({"logs", "bad"}).out, HasSubstr("it breaks\n"));
  EXPECT_EQ(home().devenv({"rm", "bad"}).status, 0);
}

TEST_F(Screens, CtrlCSaysWhatIsKeptAndHowToGoOn) {
  auto folder =
      project("slow", R"({ "image": "devenv/base:latest", "postCreateCommand": "echo waits; sleep 600" })");
  auto up = terminal({"up"}, 80, folder);
  ASSERT_TRUE(up.shows("           waits")) << up.screen();
  up.type("\x03");
  EXPECT_EQ(up.status(), 130);
  EXPECT_THAT(up.screen(), HasSubstr("  stopping (Ctrl-C again leaves at once)\n"));
  EXPECT_THAT(up.screen(),
              ContainsRegex("devenv: interrupted\n  slow is kept \\([a-z]+\\)\n  to go on: devenv up slow\n"
                            "  to be rid of it: devenv rm slow\n"));
  auto again = home().devenv({"up", "slow", "--skip-hooks"});
  EXPECT_EQ(again.status, 0) << "what is said to go on with: " << again.err;
  EXPECT_EQ(home().devenv({"rm", "slow"}).status, 0);
}

TEST_F(Screens, RmAsksWithWhatWouldBeLost) {
  auto source = make_project_repository(home() / "work", R"({ "image": "devenv/base:latest" })");
  ASSERT_EQ(home().devenv({"up", "file://" + source, "--name", "work"}).status, 0);
  ASSERT_EQ(home().devenv({"exec", "work", "--", "sh", "-c", "echo new >file"}).status, 0);
  constexpr std::string_view question =
      "work has work that exists nowhere else:\n  1 file not committed\nDelete it all? [y/N]";
  auto no = terminal({"rm", "work"});
  EXPECT_TRUE(no.shows(question)) << no.screen();
  no.type("\n");
  EXPECT_EQ(no.status(), 130);
  EXPECT_THAT(no.screen(), HasSubstr("nothing was deleted, work is kept"));
  auto piped = home().devenv({"rm", "work"});
  EXPECT_EQ(piped.status, 4);
  EXPECT_EQ(piped.err,
            "devenv: work has work that exists nowhere else\n  1 file not committed\n"
            "  devenv rm --yes work deletes it all\n");
  auto yes = terminal({"rm", "work"});
  EXPECT_TRUE(yes.shows("[y/N]"));
  yes.type("y\n");
  EXPECT_EQ(yes.status(), 0) << yes.screen();
  EXPECT_THAT(yes.screen(), HasSubstr("work is deleted"));
  EXPECT_THAT(home().names(), IsEmpty());
}

TEST_F(Screens, AFolderOfOnesOwnIsKeptAndNothingIsAsked) {
  auto source = make_project_repository(home() / "mine", R"({ "image": "devenv/base:latest" })");
  ASSERT_EQ(home().devenv({"up"}, source).status, 0);
  put(source + "/file", "not committed");
  auto gone = home().devenv({"rm", "mine"});
  EXPECT_EQ(gone.status, 0) << gone.err;
  EXPECT_THAT(gone.err, HasSubstr("its folder is kept"));
  EXPECT_TRUE(std::filesystem::exists(source + "/file"));
}

TEST_F(Screens, ATerminalInsideFollowsTheOneOutside) {
  auto folder = project("shell", R"({ "image": "devenv/base:latest" })");
  ASSERT_EQ(home().devenv({"up"}, folder).status, 0);
  auto shell = terminal({"exec", "shell", "--", "sh"}, 70);
  ASSERT_TRUE(shell.shows("/workspaces/shell #")) << shell.screen();
  shell.type("busybox stty size\n");
  EXPECT_TRUE(shell.shows("40 70")) << shell.screen();
  shell.resize(33);
  shell.type("busybox stty size\n");
  EXPECT_TRUE(shell.shows("40 33")) << shell.screen();
  shell.type("exit 5\n");
  EXPECT_EQ(shell.status(), 5);
  EXPECT_EQ(home().devenv({"rm", "shell"}).status, 0);
}

}  // namespace
}  // namespace photon::tests
