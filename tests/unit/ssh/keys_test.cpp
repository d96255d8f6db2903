#include "devenv/ssh/keys.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "devenv/core/process.hpp"

namespace photon::ssh {
namespace {

class KeysTest : public testing::Test {
 protected:
  void SetUp() override {
    char pattern[] = "/tmp/photon-keys-XXXXXX";
    folder_ = ::mkdtemp(pattern);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string keygen(const std::string& type) {
    std::string path = folder_ + "/" + type;
    auto made =
        run(Command{.argv = {"ssh-keygen", "-q", "-t", type, "-N", "", "-C", "ada at home", "-f", path}});
    EXPECT_TRUE(made && made->status == 0);
    return path;
  }
  std::string folder_;
};

TEST_F(KeysTest, HostKeyIsMadeOnceAndReadByOpenSsh) {
  std::string path = folder_ + "/host";
  auto first = host_key(path);
  ASSERT_TRUE(first) << first.error().message;
  struct stat found{};
  ASSERT_EQ(::stat(path.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600u);
  auto second = host_key(path);
  ASSERT_TRUE(second);
  EXPECT_EQ(first->public_line, second->public_line);
  auto theirs = run(Command{.argv = {"ssh-keygen", "-y", "-f", path}});
  ASSERT_TRUE(theirs);
  EXPECT_EQ(theirs->out.substr(0, first->public_line.size()), first->public_line);
  EXPECT_TRUE(first->public_line.starts_with("ssh-ed25519 AAAA"));
}

TEST_F(KeysTest, BrokenHostKeyIsNotReplaced) {
  std::string path = folder_ + "/host";
  ASSERT_TRUE(write_file(path, "nonsense\n"));
  auto key = host_key(path);
  ASSERT_FALSE(key);
  EXPECT_EQ(key.error().kind, Kind::corrupt);
  EXPECT_EQ(read_file(path).value_or(""), "nonsense\n");
}

TEST_F(KeysTest, FingerprintsAreThoseOfSshKeygen) {
  for (const char* type : {"ed25519", "ecdsa", "rsa"}) {
    std::string path = keygen(type);
    auto key = parse_public_key(read_file(path + ".pub").value());
    ASSERT_TRUE(key) << type;
    EXPECT_EQ(key->comment, "ada at home");
    auto listed = run(Command{.argv = {"ssh-keygen", "-l", "-f", path + ".pub"}});
    EXPECT_NE(listed->out.find(" " + fingerprint(*key).value_or("?") + " "), std::string::npos)
        << listed->out;
  }
}

TEST_F(KeysTest, LinesThatAreNoKeysAreRefused) {
  std::string good = read_file(keygen("ed25519") + ".pub").value();
  for (std::string line : {std::string(), std::string("ssh-ed25519"), std::string("ssh-ed25519 AAAA"),
                           std::string("ssh-nonsense AAAA"), "command=\"x\" " + good, "\x1b[31m" + good}) {
    auto key = parse_public_key(line);
    ASSERT_FALSE(key) << line;
    EXPECT_EQ(key.error().code, "ssh.key");
    EXPECT_EQ(key.error().message.find('\x1b'), std::string::npos);
  }
  auto keys = parse_public_keys("# mine\n\nbroken line\n" + good + "\n" + good);
  EXPECT_EQ(keys.size(), 2u);
}

}  // namespace
}  // namespace photon::ssh
