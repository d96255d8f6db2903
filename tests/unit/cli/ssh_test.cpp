// `devenv ssh-config` and `ssh-proxy`, as OpenSSH itself understands them.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <filesystem>

#include "devenv/api/wire/wire.hpp"
#include "devenv/core/process.hpp"
#include "tests/fixtures/temp_folder.hpp"
#include "tests/unit/cli/fake_daemon.hpp"

namespace photon::test {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::string_view key =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHRlc3R0ZXN0dGVzdHRlc3R0ZXN0dGVzdHRlc3R0ZXN0";

wire::Environment named(const std::string& name) {
  wire::Environment out;
  out.name = name;
  out.state = "running";
  return out;
}

class Ssh : public testing::Test {
 protected:
  Ssh() {
    // A blank and a percent sign: paths are quoted for ssh, and % begins none of its tokens.
    for (const auto& folder : {"/run", "/my 100% home/.ssh"}) EXPECT_TRUE(make_directories(base_ + folder));
    EXPECT_TRUE(write_file(base_ + "/run/ssh_host_ed25519_key.pub", std::string(key) + "\n"));
    daemon_.emplace(base_ + "/run/api.sock");
    daemon_->answers("GET /v1/environments", json::array{to_json(named("web")), to_json(named("api"))});
  }
  Output devenv(std::vector<std::string> words) {
    words.insert(words.begin(), PHOTON_BUILD_DIR "/bin/devenv");
    return run({.argv = words, .environment = variables_}).value();
  }
  std::string as_ssh_sees(const std::string& host) {
    return run({.argv = {"ssh", "-G", "-F", home_ + "/.ssh/config", host}, .environment = variables_})->out;
  }

  fixtures::TempFolder folder_;
  std::string base_ = folder_.path;
  std::string home_ = base_ + "/my 100% home";
  std::map<std::string, std::string> variables_{
      {"PATH", "/usr/bin:/bin"}, {"DEVENV_HOME", base_}, {"HOME", home_}};
  std::optional<FakeDaemon> daemon_;
};

TEST_F(Ssh, ConfigIsWrittenOnceAndUnderstoodByOpenSsh) {
  ASSERT_TRUE(write_file(home_ + "/.ssh/config", "Host other\n  User me\n"));
  auto written = devenv({"ssh-config", "--write"});
  ASSERT_EQ(written.status, 0) << written.err;
  ASSERT_EQ(devenv({"ssh-config", "--write"}).status, 0);
  auto config = read_file(home_ + "/.ssh/config");
  EXPECT_EQ(*config, fmt::format("Include \"{}/config/ssh_config\"\nHost other\n  User me\n", base_));
  auto seen = as_ssh_sees("web.devenv");
  EXPECT_THAT(seen, HasSubstr("user web\n"));
  EXPECT_THAT(seen, HasSubstr("proxyusefdpass yes\n"));
  EXPECT_THAT(seen, HasSubstr("/bin/devenv ssh-proxy web\n"));
  EXPECT_THAT(seen, HasSubstr("stricthostkeychecking true\n"));
  EXPECT_THAT(seen, HasSubstr(fmt::format("userknownhostsfile {}/config/known_hosts\n", base_)));
  EXPECT_THAT(as_ssh_sees("other"), HasSubstr("user me\n"));
  EXPECT_THAT(as_ssh_sees("other"), Not(HasSubstr("ssh-proxy")));
  EXPECT_EQ(*read_file(base_ + "/config/known_hosts"), fmt::format("*.devenv {}\n", key));
}

TEST_F(Ssh, RemoveTakesAllOfItBack) {
  ASSERT_TRUE(write_file(home_ + "/.ssh/config", "Host other\n", 0644));
  ASSERT_EQ(devenv({"ssh-config", "--write"}).status, 0);
  ASSERT_EQ(devenv({"ssh-config", "--remove"}).status, 0);
  EXPECT_EQ(*read_file(home_ + "/.ssh/config"), "Host other\n");
  EXPECT_FALSE(std::filesystem::exists(base_ + "/config/ssh_config"));
}

TEST_F(Ssh, ASymbolicLinkOfDotfilesStaysOne) {
  ASSERT_TRUE(write_file(home_ + "/dotfile", "Host other\n"));
  std::filesystem::create_symlink("../dotfile", home_ + "/.ssh/config");
  ASSERT_EQ(devenv({"ssh-config", "--write"}).status, 0);
  EXPECT_TRUE(std::filesystem::is_symlink(home_ + "/.ssh/config"));
  EXPECT_THAT(*read_file(home_ + "/dotfile"), HasSubstr("Include"));
}

TEST_F(Ssh, WithoutTheDaemonsKeyNothingIsTrusted) {
  std::filesystem::remove(base_ + "/run/ssh_host_ed25519_key.pub");
  auto refused = devenv({"ssh-config", "--write"});
  EXPECT_EQ(refused.status, 6);
  EXPECT_THAT(refused.err, HasSubstr("host key cannot be read"));
  EXPECT_FALSE(std::filesystem::exists(home_ + "/.ssh/config"));
}

TEST_F(Ssh, TheProxyPassesAConnectedSocket) {
  auto listener = listen_unix(base_ + "/run/ssh.sock", SOCK_STREAM);
  ASSERT_TRUE(listener);
  auto pair = make_socketpair(SOCK_STREAM);
  ASSERT_TRUE(pair);
  auto proxy = start({.argv = {PHOTON_BUILD_DIR "/bin/devenv", "ssh-proxy", "web"},
                      .environment = variables_,
                      .output = pair->second.get()});
  ASSERT_TRUE(proxy);
  auto message = receive_message(pair->first.get());
  ASSERT_TRUE(message);
  ASSERT_EQ(message->fds.size(), 1U);
  EXPECT_EQ(*proxy->wait(), 0);
  Fd server(::accept(listener->get(), nullptr, nullptr));
  ASSERT_TRUE(write_all(server.get(), "SSH-2.0-x"));
  server.reset();
  EXPECT_EQ(*read_all(message->fds[0].get(), 100), "SSH-2.0-x");
}

TEST_F(Ssh, WithoutASocketTheProxyRelays) {
  auto listener = listen_unix(base_ + "/run/ssh.sock", SOCK_STREAM);
  ASSERT_TRUE(listener);
  std::string heard;
  std::jthread server([&] {
    Fd socket(::accept(listener->get(), nullptr, nullptr));
    heard = read_all(socket.get(), 100).value_or("");
    (void)write_all(socket.get(), "SSH-2.0-x");
  });
  auto done = run({.argv = {PHOTON_BUILD_DIR "/bin/devenv", "ssh-proxy", "web"}, .environment = variables_},
                  "SSH-2.0-y");
  server.join();
  ASSERT_TRUE(done);
  EXPECT_EQ(done->out, "SSH-2.0-x") << done->err;
  EXPECT_EQ(heard, "SSH-2.0-y");
}

TEST_F(Ssh, OpenNamesTheRemoteFolderAndAsksForTheConfiguration) {
  auto web = named("web");
  web.workspace = "/workspaces/my web";
  daemon_->answers("GET /v1/environments/web", to_json(web));
  auto shown = devenv({"open", "web", "--with", "code", "--dry-run"});
  EXPECT_EQ(shown.out, "code --folder-uri vscode-remote://ssh-remote+web.devenv/workspaces/my%20web\n")
      << shown.err;
  auto none = devenv({"open", "web", "--with", "browser", "--dry-run"});
  EXPECT_EQ(none.status, 3);
  EXPECT_THAT(none.err, HasSubstr("devenv ports web --publish PORT"));
}

}  // namespace
}  // namespace photon::test
