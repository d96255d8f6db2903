#include <sys/stat.h>
#include <atomic>
#include <csignal>
#include <thread>

#include "tests/integration/git/suite.hpp"

namespace photon::git {
namespace {

using testing::HasSubstr;
using tests::GitHttpServer;
using tests::SshAgent;
using tests::Sshd;

class Login : public CloneSuite {
 protected:
  static auto stored(std::string user, std::string password, std::atomic<int>* asked = nullptr) {
    return [=](const std::string&) -> std::optional<std::pair<std::string, Secret>> {
      if (asked != nullptr) ++*asked;
      return std::pair(user, Secret(password));
    };
  }
};

using LoginHttp = Login;

TEST_F(LoginHttp, ThatIsMissingIsToldWithItsHint) {
  GitHttpServer server(served(), {.user = "ada", .password = "lovelace"});
  auto cloned = clone_quietly(request(server.url("acme/web.git")));
  ASSERT_FALSE(cloned);
  EXPECT_EQ(cloned.error().kind, Kind::denied);
  EXPECT_EQ(cloned.error().message, "127.0.0.1 asks for a login, and none was found");
  EXPECT_EQ(cloned.error().hint, "ssh-add a key, or: devenv login 127.0.0.1");
}

TEST_F(LoginHttp, ThatIsStoredIsUsed) {
  GitHttpServer server(served(), {.user = "ada", .password = "lovelace"});
  auto wanted = request(server.url("acme/web.git"));
  wanted.credentials.stored = stored("ada", "lovelace");
  auto cloned = clone_quietly(wanted);
  ASSERT_TRUE(cloned) << cloned.error().message;
  EXPECT_EQ(cloned->files, 61u);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.path())) {
    if (entry.path().filename() != "config") continue;
    EXPECT_EQ(read_file(entry.path())->find("lovelace"), std::string::npos) << entry.path();
  }
}

TEST_F(LoginHttp, ThatIsWrongIsTriedOnce) {
  GitHttpServer server(served(), {.user = "ada", .password = "lovelace"});
  std::atomic<int> asked = 0;
  auto wanted = request(server.url("acme/web.git"));
  wanted.credentials.stored = stored("ada", "wrong", &asked);
  auto cloned = clone_quietly(wanted);
  ASSERT_FALSE(cloned);
  EXPECT_EQ(cloned.error().kind, Kind::denied);
  EXPECT_THAT(cloned.error().message, HasSubstr("did not accept the login"));
  EXPECT_EQ(cloned.error().message.find("wrong"), std::string::npos);
  EXPECT_LE(asked, 2) << "once with the port, once without";
}

TEST_F(LoginHttp, ComesFromGitsHelpersAfterAWrongOne) {
  GitHttpServer server(served(), {.user = "ada", .password = "lovelace"});
  tests::put(folder / "home/.gitconfig",
             "[credential]\n\thelper = \"!f() { echo username=ada; echo password=lovelace; }; f\"\n");
  auto wanted = request(server.url("acme/web.git"));
  wanted.credentials.use_git_helpers = true;
  wanted.credentials.stored = stored("ada", "wrong");
  auto cloned = clone_quietly(wanted);
  ASSERT_TRUE(cloned) << cloned.error().message;
}

// 127.1 is another name of the same address; localhost is unknown where there is no /etc/hosts.
TEST_F(LoginHttp, NeverFollowsARedirect) {
  GitHttpServer thief(served(), {.user = "ada", .password = "lovelace"});
  GitHttpServer server(served());
  auto wanted = request(server.url(fmt::format("redirect-to/127.1:{}/acme/web.git", thief.port())));
  wanted.credentials.stored = stored("ada", "lovelace");
  auto cloned = clone_quietly(wanted);
  ASSERT_FALSE(cloned) << "the login reached the other host";
  EXPECT_EQ(cloned.error().kind, Kind::denied) << cloned.error().message;
  auto open = request(thief.url(fmt::format("redirect-to/127.1:{}/acme/web.git", server.port())), "open");
  auto followed = clone_quietly(open);
  ASSERT_TRUE(followed) << "without a login a redirect is followed: " << followed.error().message;
}

class LoginSsh : public Login {
 protected:
  CloneRequest over_ssh(const Sshd& sshd, const std::string& name = "clone") {
    auto wanted = request(sshd.url(served() + "/acme/web.git"), name);
    wanted.credentials.known_hosts_files = {folder / "none", sshd.known_hosts()};
    return wanted;
  }
};

TEST_F(LoginSsh, ByKeyFile) {
  Sshd sshd(folder / "sshd");
  auto wanted = over_ssh(sshd);
  wanted.credentials.key_files = {folder / "no-such-key", sshd.key()};
  auto cloned = clone_quietly(wanted);
  ASSERT_TRUE(cloned) << cloned.error().message;
  EXPECT_EQ(cloned->files, 61u);
}

TEST_F(LoginSsh, ByAgent) {
  Sshd sshd(folder / "sshd");
  SshAgent agent(folder.path(), sshd.key());
  auto wanted = over_ssh(sshd);
  wanted.credentials.agent_socket = agent.socket();
  auto cloned = clone_quietly(wanted);
  ASSERT_TRUE(cloned) << cloned.error().message;
}

TEST_F(LoginSsh, ByTheSecondKeyAfterAWrongOne) {
  Sshd sshd(folder / "sshd");
  tests::must_run({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / "wrong"});
  tests::must_run({"ssh-keygen", "-q", "-t", "ed25519", "-N", "secret", "-f", folder / "locked"});
  SshAgent agent(folder.path(), folder / "wrong");
  auto wanted = over_ssh(sshd);
  wanted.credentials.agent_socket = agent.socket();
  wanted.credentials.key_files = {folder / "locked", sshd.key()};
  auto cloned = clone_quietly(wanted);
  ASSERT_TRUE(cloned) << cloned.error().message;
}

TEST_F(LoginSsh, WithoutAnyKeyIsDenied) {
  Sshd sshd(folder / "sshd");
  auto cloned = clone_quietly(over_ssh(sshd));
  ASSERT_FALSE(cloned);
  EXPECT_EQ(cloned.error().kind, Kind::denied);
  EXPECT_EQ(cloned.error().message, "127.0.0.1 asks for a login, and none was found");
}

TEST_F(LoginSsh, AtAnUnknownHostIsNotEvenTried) {
  Sshd sshd(folder / "sshd");
  auto wanted = over_ssh(sshd);
  wanted.credentials.key_files = {sshd.key()};
  wanted.credentials.known_hosts_files = {folder / "none"};
  auto cloned = clone_quietly(wanted);
  ASSERT_FALSE(cloned);
  EXPECT_EQ(cloned.error().code, "git.host_key_unknown") << cloned.error().message;
  EXPECT_THAT(cloned.error().hint, HasSubstr("ssh-keyscan"));
  EXPECT_FALSE(std::filesystem::exists(folder / "clone"));
}

TEST_F(LoginSsh, AtAChangedHostIsDeniedLoudly) {
  Sshd sshd(folder / "sshd");
  auto other = *read_file(folder / "sshd/client.pub");
  tests::put(folder / "known", fmt::format("[127.0.0.1]:{} {}", sshd.port(), other));
  auto wanted = over_ssh(sshd);
  wanted.credentials.key_files = {sshd.key()};
  wanted.credentials.known_hosts_files = {folder / "known"};
  auto cloned = clone_quietly(wanted);
  ASSERT_FALSE(cloned);
  EXPECT_EQ(cloned.error().code, "git.host_key_changed") << cloned.error().message;
  EXPECT_THAT(cloned.error().message, HasSubstr("HAS CHANGED"));
}

TEST_F(LoginSsh, ToNoRepositoryIsNotFound) {
  Sshd sshd(folder / "sshd");
  auto wanted = over_ssh(sshd);
  wanted.credentials.key_files = {sshd.key()};
  wanted.source.url = sshd.url(served() + "/acme/none.git");
  auto cloned = clone_quietly(wanted);
  ASSERT_FALSE(cloned);
  EXPECT_EQ(cloned.error().kind, Kind::not_found) << cloned.error().message;
}

}  // namespace
}  // namespace photon::git
