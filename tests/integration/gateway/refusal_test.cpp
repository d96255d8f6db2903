// Who does not get in, and how little they learn.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>

#include "tests/integration/gateway/daemon.hpp"

namespace photon::test {
namespace {

using RefusalTest = GatewayTest;

Fd knock(std::uint16_t port) {
  Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  return socket;
}

TEST_F(RefusalTest, WrongKeyAndUnknownNameLookAlike) {
  auto key = run(Command{.argv = ssh({"web@127.0.0.1", "true"}, "ssh", "other")}).value();
  auto name = run_ssh({"no-such-name@127.0.0.1", "true"});
  EXPECT_EQ(key.status, 255);
  EXPECT_EQ(name.status, 255);
  EXPECT_EQ(key.err, "web@127.0.0.1: Permission denied (publickey).\r\n");
  EXPECT_EQ(name.err, "no-such-name@127.0.0.1: Permission denied (publickey).\r\n");
}

TEST_F(RefusalTest, NameWithSuffixIsTheSameEnvironment) {
  EXPECT_EQ(run_ssh({"web.devenv@127.0.0.1", "echo in"}).out, "in\n");
}

TEST_F(RefusalTest, CertificateOverAnAllowedKeyIsRefused) {
  auto sign =
      run(Command{.argv = {"ssh-keygen", "-q", "-s", path("ca"), "-I", "test", "-n", "web", path("id.pub")}});
  ASSERT_TRUE(sign && sign->status == 0) << sign->err;
  // Only the certificate: its key stands under another name.
  ASSERT_TRUE(write_file(path("certified"), read_file(path("id")).value()));
  std::filesystem::rename(path("id-cert.pub"), path("certified-cert.pub"));
  auto with = run_ssh({"-v", "-o", "CertificateFile=" + path("certified-cert.pub"), "-o",
                       "PubkeyAcceptedAlgorithms=ssh-ed25519-cert-v01@openssh.com", "web@127.0.0.1", "true"});
  EXPECT_EQ(with.status, 255);
  EXPECT_THAT(with.err, testing::HasSubstr("Offering public key: " + path("certified-cert.pub")));
  EXPECT_THAT(with.err, testing::EndsWith("web@127.0.0.1: Permission denied (publickey).\r\n"));
}

TEST_F(RefusalTest, SilentClientIsDropped) {
  daemon_->options = {"--login-time", "1"};
  auto begin = std::chrono::steady_clock::now();
  Fd socket = knock(daemon_->port());
  auto text = read_all(socket.get(), 1 << 16);
  EXPECT_TRUE(!text || text->starts_with("SSH-2.0-devenv")) << text.value_or("");
  auto took = std::chrono::steady_clock::now() - begin;
  EXPECT_GT(took, std::chrono::milliseconds(800));
  EXPECT_LT(took, std::chrono::seconds(4));
  EXPECT_TRUE(all_gone());
}

TEST_F(RefusalTest, NonsenseEndsTheConnection) {
  Fd socket = knock(daemon_->port());
  ASSERT_TRUE(write_all(socket.get(), "GET / HTTP/1.1\r\nHost: x\r\n\r\n" + std::string(4096, 'x')));
  (void)read_all(socket.get(), 1 << 16);
  EXPECT_TRUE(all_gone());
}

TEST_F(RefusalTest, PasswordsAreNotAsked) {
  auto result = run_ssh({"-o", "PubkeyAuthentication=no", "-o",
                         "PreferredAuthentications=password,keyboard-interactive", "web@127.0.0.1", "true"});
  EXPECT_EQ(result.err, "web@127.0.0.1: Permission denied (publickey).\r\n");
}

TEST_F(RefusalTest, SessionsAreCounted) {
  daemon_->options = {"--sessions", "2"};
  std::string control = path("counted");
  auto master = start(Command{.argv = ssh({"-M", "-S", control, "web@127.0.0.1", "sleep 30"})});
  ASSERT_TRUE(eventually([&] { return ::access(control.c_str(), F_OK) == 0; }));
  auto held =
      start(Command{.argv = ssh({"-S", control, "web@127.0.0.1", "touch " + path("held") + "; sleep 30"})});
  ASSERT_TRUE(eventually([&] { return ::access(path("held").c_str(), F_OK) == 0; }));
  // Refused by the master's connection: ssh then tries one of its own, which must not be mistaken for it.
  auto third = run_ssh({"-S", control, "-o", "ProxyCommand=false", "web@127.0.0.1", "true"});
  EXPECT_EQ(third.status, 255);
  (void)held->stop(std::chrono::seconds(2));
  (void)master->stop(std::chrono::seconds(2));
  EXPECT_TRUE(all_gone());
}

TEST_F(RefusalTest, ManyConnectionsLeaveNothing) {
  std::vector<Fd> sockets;
  for (int i = 0; i < 40; ++i) sockets.push_back(knock(daemon_->port()));
  EXPECT_EQ(run_ssh({"web@127.0.0.1", "echo in"}).out, "in\n");
  sockets.clear();
  EXPECT_TRUE(all_gone());
}

}  // namespace
}  // namespace photon::test
