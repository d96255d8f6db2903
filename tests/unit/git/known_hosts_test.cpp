#include "devenv/git/known_hosts.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "devenv/core/digest.hpp"
#include "devenv/git/login.hpp"

namespace photon::git {
namespace {

std::string blob(std::string_view type, std::string_view body) {
  std::string text("\0\0\0", 3);
  text += char(type.size());
  text += type;
  return text + std::string(body);
}
const std::string key = blob("ssh-ed25519", "one");
const std::string other = blob("ssh-ed25519", "two");
const std::string line = "ssh-ed25519 " + base64_encode(key);

TEST(KnownHosts, FindsNamesPatternsAndPorts) {
  EXPECT_EQ(check_host_key("h.example " + line, "h.example", 22, key), HostKey::known);
  EXPECT_EQ(check_host_key("H.Example " + line + " comment", "h.EXAMPLE", 22, key), HostKey::known);
  EXPECT_EQ(check_host_key("a,h.example,10.0.0.1 " + line, "h.example", 22, key), HostKey::known);
  EXPECT_EQ(check_host_key("*.example " + line, "h.example", 22, key), HostKey::known);
  EXPECT_EQ(check_host_key("*.example,!h.example " + line, "h.example", 22, key), HostKey::unknown);
  EXPECT_EQ(check_host_key("[h.example]:2222 " + line, "h.example", 2222, key), HostKey::known);
  EXPECT_EQ(check_host_key("h.example " + line, "h.example", 2222, key), HostKey::unknown);
  EXPECT_EQ(check_host_key("[h.example]:2222 " + line, "h.example", 22, key), HostKey::unknown);
  EXPECT_EQ(check_host_key("# h " + line + "\r\n\n  h " + line + "\r\n", "h", 22, key), HostKey::known);
}

TEST(KnownHosts, FindsHashedNames) {
  // HMAC-SHA1 of "h.example" and "[h.example]:2222" with the salt 00 01 02 … 13.
  std::string plain_port = "|1|AAECAwQFBgcICQoLDA0ODxAREhM=|vXPZpM3fPbCqhG5K7rISl8O0xEk= ",
              own_port = "|1|AAECAwQFBgcICQoLDA0ODxAREhM=|iYj7X5rE0KVHE+mxmbwVKZAkSZk= ";
  EXPECT_EQ(check_host_key(plain_port + line, "h.example", 22, key), HostKey::known);
  EXPECT_EQ(check_host_key(plain_port + line, "g.example", 22, key), HostKey::unknown);
  EXPECT_EQ(check_host_key(own_port + line, "h.example", 2222, key), HostKey::known);
  EXPECT_EQ(check_host_key(own_port + line, "h.example", 22, key), HostKey::unknown);
  EXPECT_EQ(check_host_key("|1|broken " + line, "h.example", 22, key), HostKey::unknown);
}

TEST(KnownHosts, TellsChangedFromUnknown) {
  EXPECT_EQ(check_host_key("h " + line, "h", 22, other), HostKey::changed);
  EXPECT_EQ(check_host_key("h " + line, "g", 22, other), HostKey::unknown);
  EXPECT_EQ(check_host_key("h ssh-rsa AAAA", "h", 22, key), HostKey::unknown);
  EXPECT_EQ(check_host_key("", "h", 22, key), HostKey::unknown);
  EXPECT_EQ(check_host_key("h " + line + "\nh ssh-ed25519 " + base64_encode(other), "h", 22, other),
            HostKey::known);
}

TEST(KnownHosts, HeedsMarkers) {
  EXPECT_EQ(check_host_key("h " + line + "\n@revoked * " + line, "h", 22, key), HostKey::revoked);
  EXPECT_EQ(check_host_key("@cert-authority * " + line, "h", 22, key), HostKey::unknown);
}

TEST(KnownHosts, FailsClosedWithWordsThatMend) {
  auto refused = verify_host({"/nonexistent/known_hosts"}, "h.example", 2222, key);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, Kind::denied);
  EXPECT_THAT(refused.error().message, testing::HasSubstr(fingerprint(key)));
  EXPECT_THAT(refused.error().hint,
              testing::HasSubstr("ssh-keyscan -p 2222 h.example >> ~/.ssh/known_hosts"));
}

TEST(KeyFiles, WithAPassphraseAreLeftToTheAgent) {
  std::string plain("openssh-key-v1\0\0\0\0\x04none\0\0\0\x04none\0\0\0\0", 35);
  std::string locked(
      "openssh-key-v1\0\0\0\0\x0a"
      "aes256-ctr\0\0\0\x06"
      "bcrypt\0\0\0\x18",
      43);
  auto pem = [](std::string_view body) {
    return fmt::format("-----BEGIN OPENSSH PRIVATE KEY-----\n{}\n-----END OPENSSH PRIVATE KEY-----\n",
                       base64_encode(body));
  };
  EXPECT_TRUE(is_plain_key(pem(plain)));
  EXPECT_FALSE(is_plain_key(pem(locked)));
  EXPECT_TRUE(is_plain_key("-----BEGIN EC PRIVATE KEY-----\nMHc=\n"));
  EXPECT_FALSE(is_plain_key("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n"));
  EXPECT_FALSE(is_plain_key("ssh-ed25519 AAAA me@home"));
}

}  // namespace
}  // namespace photon::git
