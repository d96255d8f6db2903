// `devenv login` against a registry that asks for one, and the logins that Docker's files already hold.
#include "devenv/core/digest.hpp"
#include "tests/integration/cli/person.hpp"
#include "tests/integration/cli/registry.hpp"

namespace photon::tests {
namespace {

using testing::HasSubstr;
using testing::Not;

class Logins : public Person {
 protected:
  void SetUp() override {
    for (const char* name : {"registry", "files", "user/.docker"})
      std::filesystem::create_directories(home() / name);
    registry_.emplace(home() / "registry", "ada", "s3cret words");
    registry_->push("team/web", "1", {root_layer(home() / "files")});
    folder_ = project("web", fmt::format(R"({{ "image": "{}/team/web:1" }})", host()));
  }
  void TearDown() override {
    for (const auto& name : home().names()) (void)home().devenv({"rm", "--yes", name});
    (void)home().devenv({"image", "rm", host() + "/team/web:1"});
    registry_.reset();
    for (const char* name : {"registry", "files", "user/.docker"}) std::filesystem::remove_all(home() / name);
  }
  std::string host() { return registry_->host(); }
  Output up() { return home().devenv({"up"}, folder_); }

  std::optional<fixtures::DockerRegistry> registry_;
  std::string folder_;
};

TEST_F(Logins, IsAskedForOnTheTerminalWithoutEcho) {
  auto without = up();
  EXPECT_EQ(without.status, 5);
  EXPECT_THAT(without.err, HasSubstr("devenv login " + host()));
  auto login = terminal({"login", host()});
  ASSERT_TRUE(login.shows("User:"));
  login.type("ada\n");
  ASSERT_TRUE(login.shows("Password:"));
  login.type("s3cret wordz\x7fs\n");
  EXPECT_EQ(login.status(), 0) << login.screen();
  EXPECT_THAT(login.screen(), HasSubstr("logged in to " + host() + " as ada\n"));
  EXPECT_THAT(login.bytes(), Not(HasSubstr("s3cret")));
  auto with = up();
  EXPECT_EQ(with.status, 0) << with.err;
  EXPECT_EQ(home().devenv({"logout", host()}).err, "logged out of " + host() + "\n");
  EXPECT_EQ(home().devenv({"logout", host()}).err, "no login of " + host() + " was kept here\n");
}

TEST_F(Logins, CtrlCAtThePasswordLeavesTheTerminalAsItWas) {
  auto shell = test::PseudoTerminal(
      {"/bin/sh", "-c",
       fmt::format("{0}/bin/devenv login {1} -u ada; echo status $?; stty -a", PHOTON_BUILD_DIR, host())},
      {100, {"TERM=xterm", "DEVENV_HOME=" + (home() / "home")}});
  ASSERT_TRUE(shell.shows("Password:"));
  shell.type("s3c\x03");
  EXPECT_EQ(shell.status(), 0);
  EXPECT_THAT(shell.screen(), HasSubstr("status 130\n"));
  EXPECT_THAT(shell.screen(), testing::ContainsRegex("[ ;]echo "));
}

TEST_F(Logins, ComesFromStandardInputForScripts) {
  auto login = with_input({"login", host(), "-u", "ada", "--password-stdin"}, "s3cret words\n");
  EXPECT_EQ(login.status, 0) << login.err;
  EXPECT_EQ(up().status, 0);
  EXPECT_EQ(home().devenv({"logout", host()}).status, 0);
}

TEST_F(Logins, AWrongOneIsRefusedAndNotKept) {
  auto login = with_input({"login", host(), "-u", "ada", "--password-stdin"}, "guess\n");
  EXPECT_EQ(login.status, 5);
  EXPECT_THAT(login.err, Not(HasSubstr("guess")));
  EXPECT_EQ(up().status, 5);
  auto without_user = with_input({"login", host(), "--password-stdin"}, "guess\n");
  EXPECT_EQ(without_user.status, 2);
  EXPECT_THAT(without_user.err, HasSubstr("--password-stdin needs --user"));
}

TEST_F(Logins, TheOneInDockersFileIsUsed) {
  put(home() / "user/.docker/config.json",
      fmt::format(R"({{"auths":{{"{}":{{"auth":"{}"}}}}}})", host(), base64_encode("ada:s3cret words")));
  auto output = up();
  EXPECT_EQ(output.status, 0) << output.err;
}

TEST_F(Logins, ACredentialHelperIsAsked) {
  // The daemon looks for it in its own PATH: begun anew with one that has it.
  auto bin = home() / "bin";
  std::filesystem::create_directories(bin);
  ASSERT_TRUE(write_file(
      bin + "/docker-credential-photon-test",
      "#!/bin/sh\nread -r server\n[ \"$1\" = get ] || exit 1\n"
      "printf '{\"ServerURL\":\"%s\",\"Username\":\"ada\",\"Secret\":\"s3cret words\"}' \"$server\"\n",
      0755));
  put(home() / "user/.docker/config.json",
      fmt::format(R"({{"credHelpers":{{"{}":"photon-test"}}}})", host()));
  ASSERT_EQ(home().devenv({"shutdown"}).status, 0);
  home().start_daemon({{"PATH", bin + ":/usr/sbin:/usr/bin:/sbin:/bin"}});
  auto output = up();
  EXPECT_EQ(output.status, 0) << output.err;
  EXPECT_EQ(home().devenv({"rm", "--yes", "web"}).status, 0);
  EXPECT_EQ(home().stop_daemon(), 0);
}

}  // namespace
}  // namespace photon::tests
