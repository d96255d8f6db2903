// Whole files by every client there is, byte for byte.
#include <unistd.h>

#include <filesystem>

#include "tests/integration/gateway/daemon.hpp"

namespace photon::test {
namespace {

const std::string host = "web@127.0.0.1";

class TransferTest : public GatewayTest {
 protected:
  void SetUp() override {
    GatewayTest::SetUp();
    if (::access(path("large").c_str(), F_OK) == 0) return;
    auto made = run(Command{.argv = {"sh", "-c", "head -c 41943040 /dev/urandom > " + path("large")}});
    ASSERT_TRUE(made && made->status == 0);
  }
  static void expect_same(const std::string& other) {
    EXPECT_EQ(run(Command{.argv = {"cmp", path("large"), path(other)}})->status, 0) << other;
    std::filesystem::remove(path(other));
  }
  static Output shell(const std::string& script) {
    auto result = run(Command{.argv = {"bash", "-c", script}}, {}, std::chrono::seconds(100));
    return result.value_or(Output{-1, "", result ? "" : result.error().message});
  }
  static std::string ssh_line(const std::string& program, const std::vector<std::string>& words = {}) {
    std::string line;
    for (const auto& word : ssh(words, program)) line += "'" + word + "' ";
    return line;
  }
};

TEST_F(TransferTest, BothWaysAtOnceWithRekeys) {
  for (int round = 0; round < 3; ++round) {
    auto result = shell(ssh_line("ssh", {"-o", "RekeyLimit=2M", host, "cat"}) + "< " + path("large") + " > " +
                        path("copy"));
    EXPECT_EQ(result.status, 0) << result.err;
    expect_same("copy");
  }
}

TEST_F(TransferTest, EachWayAlone) {
  auto up = shell(ssh_line("ssh", {host, "cat > " + path("up")}) + "< " + path("large"));
  EXPECT_EQ(up.status, 0) << up.err;
  expect_same("up");
  auto down = shell(ssh_line("ssh", {host, "cat " + path("large")}) + "> " + path("down"));
  EXPECT_EQ(down.status, 0) << down.err;
  expect_same("down");
}

TEST_F(TransferTest, EveryCipher) {
  for (const char* cipher :
       {"aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "chacha20-poly1305@openssh.com", "aes256-ctr"}) {
    auto result =
        shell(ssh_line("ssh", {"-c", cipher, host, "cat"}) + "< " + path("large") + " > " + path("copy"));
    EXPECT_EQ(result.status, 0) << cipher << result.err;
    expect_same("copy");
  }
}

TEST_F(TransferTest, SlowReaderInside) {
  auto result = shell(ssh_line("ssh", {host, "sleep 1; sha256sum"}) + "< " + path("large"));
  EXPECT_EQ(result.out.substr(0, 64), shell("sha256sum < " + path("large")).out.substr(0, 64));
}

TEST_F(TransferTest, SlowReaderOutside) {
  auto result = shell(ssh_line("ssh", {host, "cat " + path("large")}) + "| (sleep 1; sha256sum)");
  EXPECT_EQ(result.out.substr(0, 64), shell("sha256sum < " + path("large")).out.substr(0, 64));
}

TEST_F(TransferTest, CopiesByScpOldAndNew) {
  for (const char* flag : {"-s", "-O"}) {
    auto up = run(Command{.argv = ssh({flag, path("large"), host + ":" + path("scp-up")}, "scp")});
    EXPECT_EQ(up->status, 0) << flag << up->err;
    expect_same("scp-up");
    auto down = run(Command{.argv = ssh({flag, host + ":" + path("large"), path("scp-down")}, "scp")});
    EXPECT_EQ(down->status, 0) << flag << down->err;
    expect_same("scp-down");
  }
}

TEST_F(TransferTest, SftpStartsAtHome) {
  auto result = run(Command{.argv = ssh({"-b", "-", host}, "sftp")},
                    "pwd\nput " + path("large") + " " + path("sftp-a") + "\nrename " + path("sftp-a") + " " +
                        path("sftp-b") + "\nget " + path("sftp-b") + " " + path("sftp-c") + "\n");
  EXPECT_EQ(result->status, 0) << result->err;
  EXPECT_NE(result->out.find("Remote working directory: /root\n"), std::string::npos) << result->out;
  expect_same("sftp-b");
  expect_same("sftp-c");
}

TEST_F(TransferTest, Rsync) {
  auto result =
      run(Command{.argv = {"rsync", "-e", ssh_line("ssh"), path("large"), host + ":" + path("rsynced")}});
  EXPECT_EQ(result->status, 0) << result->err;
  expect_same("rsynced");
}

TEST_F(TransferTest, Sshfs) {
  ASSERT_TRUE(make_directories(path("mounted")));
  auto mounted = run(Command{.argv = ssh({host + ":" + daemon_->folder(), path("mounted")}, "sshfs")});
  ASSERT_EQ(mounted->status, 0) << mounted->err;
  EXPECT_EQ(run(Command{.argv = {"cmp", path("large"), path("mounted/large")}})->status, 0);
  EXPECT_EQ(run(Command{.argv = {"cp", path("large"), path("mounted/sshfs-copy")}})->status, 0);
  EXPECT_EQ(run(Command{.argv = {"fusermount3", "-u", path("mounted")}})->status, 0);
  expect_same("sshfs-copy");
  EXPECT_TRUE(all_gone());
}

TEST_F(TransferTest, Paramiko) {
  auto result = run(Command{.argv = {"/usr/bin/python3",
                                     std::string(PHOTON_SOURCE_DIR) + "/tests/integration/gateway/client.py",
                                     std::to_string(daemon_->port()), daemon_->folder()}});
  EXPECT_EQ(result->status, 0) << result->out << result->err;
}

}  // namespace
}  // namespace photon::test
