// Whose keys open an environment.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "devenv/client/client.hpp"
#include "devenv/core/fd.hpp"
#include "tests/fixtures/temp_folder.hpp"

namespace photon::client {
namespace {

class Caller : public testing::Test {
 protected:
  Caller() {
    ::setenv("HOME", folder_.path.c_str(), 1);
    ::unsetenv("SSH_AUTH_SOCK");
    EXPECT_TRUE(make_directories(folder_.path + "/.ssh"));
  }
  ~Caller() override {
    if (before_.empty())
      ::unsetenv("HOME");
    else
      ::setenv("HOME", before_.c_str(), 1);
  }
  std::vector<std::string> keys() { return this_caller({.config = folder_.path + "/config"}).public_keys; }
  fixtures::TempFolder folder_;
  std::string before_ = std::getenv("HOME") ? std::getenv("HOME") : "";
};

TEST_F(Caller, KeysThatMayLogInHereOpenHisEnvironments) {
  ASSERT_TRUE(write_file(folder_.path + "/.ssh/authorized_keys",
                         "# a comment\n"
                         "ssh-ed25519 AAAAplain me@laptop\n"
                         "restrict,command=\"backup\" ssh-ed25519 AAAArestricted robot\n"
                         "ssh-ed25519-cert-v01@openssh.com AAAAcertificate me\n"
                         "sk-ssh-ed25519@openssh.com AAAAtoken me"));
  ASSERT_TRUE(write_file(folder_.path + "/.ssh/id_ed25519.pub", "ssh-ed25519 AAAAown me\n"));
  auto found = keys();
  EXPECT_THAT(found, testing::IsSupersetOf({std::string("ssh-ed25519 AAAAplain me@laptop"),
                                            std::string("sk-ssh-ed25519@openssh.com AAAAtoken me"),
                                            std::string("ssh-ed25519 AAAAown me")}));
  for (const auto& key : found) {
    EXPECT_EQ(key.find("AAAArestricted"), std::string::npos);
    EXPECT_EQ(key.find("AAAAcertificate"), std::string::npos);
  }
}

TEST_F(Caller, WithoutKeysHisOwnIsMade) { EXPECT_EQ(keys().size(), 1U); }

}  // namespace
}  // namespace photon::client
