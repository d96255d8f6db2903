// OpenSSH's own programs into real environments, as `devenv ssh-config --write` tells them the way.
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "tests/integration/lifecycle/suite.hpp"

namespace photon::tests {
namespace {

using testing::HasSubstr;

constexpr const char* of_dev = R"({"image": "devenv/base:latest", "remoteUser": "dev"})";

class SshIn : public LifeTest {
 protected:
  void SetUp() override {
    static const std::string url = repository("shop", of_dev);
    up({url});
    auto written = devenv({"ssh-config", "--write"});
    EXPECT_EQ(written.status, 0) << written.err;
  }
  static std::vector<std::string> words(const std::string& program, std::vector<std::string> more) {
    more.insert(more.begin(), {program, "-F", home() / "user/.ssh/config", "-o", "BatchMode=yes"});
    return more;
  }
  static Output ssh(std::vector<std::string> more, std::string_view input = {}) {
    return run(home().command(words("ssh", std::move(more))), input, std::chrono::seconds(40)).value();
  }
};

TEST_F(SshIn, CommandsTerminalsAndScripts) {
  auto command = ssh({"shop.devenv", "id -u; pwd; echo err >&2; exit 7"});
  EXPECT_EQ(command.out, "1000\n/workspaces/shop\n");
  EXPECT_EQ(command.err, "err\n");
  EXPECT_EQ(command.status, 7);
  auto terminal = ssh({"-tt", "shop.devenv", "test -t 1 && exit 9"});
  EXPECT_EQ(terminal.status, 9) << terminal.err;
  auto script = ssh({"-T", "shop.devenv", "sh -s one"}, "echo $1\ncat README.md\nexit 3\n");
  EXPECT_EQ(script.out, "one\n# Web\n");
  EXPECT_EQ(script.status, 3) << script.err;
}

TEST_F(SshIn, TheUserOpensItsOwnStreamsByName) {
  auto named = ssh({"shop.devenv", "cat /dev/stdin; echo out >/dev/stdout; echo err >/dev/stderr"}, "in\n");
  EXPECT_EQ(named.out, "in\nout\n");
  EXPECT_EQ(named.err, "err\n");
}

TEST_F(SshIn, WhatIsStoppedIsStarted) {
  EXPECT_EQ(devenv({"stop", "shop"}).status, 0);
  auto in = ssh({"shop.devenv", "echo in"});
  EXPECT_EQ(in.out, "in\n") << in.err;
  EXPECT_EQ(state("shop"), "running");
  auto unknown = run(home().command({home().program("devenv"), "ssh-proxy", "wbe"})).value();
  EXPECT_EQ(unknown.status, 3);
  EXPECT_EQ(unknown.out, "");
  EXPECT_THAT(unknown.err, HasSubstr("wbe"));
}

TEST_F(SshIn, TheHostKeyOutlivesTheDaemon) {
  EXPECT_EQ(ssh({"shop.devenv", "true"}).status, 0);
  EXPECT_EQ(devenv({"shutdown"}).status, 0);
  auto again =
      ssh({"shop.devenv", "echo in"});  // the daemon is started on demand; the key is checked strictly
  EXPECT_EQ(again.out, "in\n") << again.err;
}

TEST_F(SshIn, FilesByScp) {
  std::string bytes(3 << 20, 'x');
  for (std::size_t i = 0; i < bytes.size(); i += 7) bytes[i] = static_cast<char>(i);
  ASSERT_TRUE(write_file(home() / "sent", bytes, 0644));
  auto there = run(home().command(words("scp", {"-q", home() / "sent", "shop.devenv:/tmp/sent"}))).value();
  EXPECT_EQ(there.status, 0) << there.err;
  auto back =
      run(home().command(words("scp", {"-q", "shop.devenv:/tmp/sent", home() / "user/back"}))).value();
  EXPECT_EQ(back.status, 0) << back.err;
  EXPECT_EQ(read_file(home() / "user/back").value_or(""), bytes);
}

TEST_F(SshIn, ForwardsBelongToTheEnvironmentsNetwork) {
  inside("shop", "(nc -l -p 8123 -e echo hello >/dev/null 2>&1 &)");
  std::string hello;
  EXPECT_TRUE(eventually([&] {
    hello = ssh({"-W", "127.0.0.1:8123", "shop.devenv"}).out;
    return !hello.empty();
  }));
  EXPECT_EQ(hello, "hello\n");
  Fd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(listener.get(), 1), 0);
  ::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size);
  std::jthread outside([&] {
    Fd peer(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    (void)write_all(peer.get(), "from outside\n");
  });
  auto remote =
      ssh({"-o", "ExitOnForwardFailure=yes", "-R", fmt::format("8124:127.0.0.1:{}", ntohs(address.sin_port)),
           "shop.devenv", "nc 127.0.0.1 8124 </dev/null"});
  ::shutdown(listener.get(), SHUT_RDWR);  // ends the thread even where nobody came
  EXPECT_EQ(remote.out, "from outside\n") << remote.err;
}

TEST_F(SshIn, ManySessionsOverOneConnection) {
  TemporaryFolder folder;  // short: a control socket's path has room for a hundred letters
  if (user() != nullptr) must_run({"chown", std::to_string(user()->uid), folder.path()});
  auto master = start(home().command(words("ssh", {"-MNS", folder / "c", "shop.devenv"})));
  ASSERT_TRUE(master);
  EXPECT_TRUE(eventually([&] { return ::access((folder / "c").c_str(), F_OK) == 0; }));
  for (int i = 0; i < 30; ++i)
    EXPECT_EQ(ssh({"-S", folder / "c", "shop.devenv", fmt::format("exit {}", i)}).status, i);
  EXPECT_TRUE(master->stop(std::chrono::seconds(5)));
}

}  // namespace
}  // namespace photon::tests
