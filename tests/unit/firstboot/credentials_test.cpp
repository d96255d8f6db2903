// The short way in: photon.authorized_keys and photon.hostname.
#include "images/firstboot/credentials.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "tests/unit/firstboot/small_system.hpp"

namespace photon::first_boot {
namespace {

using testing::HasSubstr;

struct Credentials : testing::Test {
  SmallSystem system;
  Heard heard;
  Journal journal;
  std::string given = system.folder.path + "/given";

  void give(const std::string& name, std::string_view text) const {
    std::filesystem::create_directories(given);
    ASSERT_TRUE(write_file(given + "/" + name, text));
  }
  Result<void> apply() { return apply_credentials(system.tree(), given, journal); }
};

TEST_F(Credentials, NoneAreNoFault) {
  EXPECT_TRUE(apply());
  EXPECT_EQ(heard.text(), "");
  EXPECT_EQ(system.text("/etc/passwd"),
            "root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1:daemon:/:/usr/sbin/nologin\n");
}

TEST_F(Credentials, AKeyMakesTheUserPhotonWhoIsLetIn) {
  give("photon.authorized_keys", std::string(a_key) + "\n");
  ASSERT_TRUE(apply());
  EXPECT_THAT(system.text("/etc/passwd"), HasSubstr("\nphoton:x:1000:1000:Photon:/home/photon:/bin/bash\n"));
  EXPECT_THAT(system.text("/etc/group"),
              HasSubstr("wheel:x:65:photon\ndevenv:x:122:photon\nphoton:x:1000:\n"));
  EXPECT_THAT(system.text("/etc/gshadow"), HasSubstr("wheel:*::photon\n"));
  EXPECT_THAT(system.text("/etc/shadow"), HasSubstr("photon:*:::::::\n"));
  EXPECT_EQ(system.text("/etc/subuid"), "photon:100000:65536\n");
  EXPECT_EQ(system.text("/home/photon/.ssh/authorized_keys"), std::string(a_key) + "\n");
  EXPECT_EQ(system.text("/home/photon/.bashrc"), "# skeleton\n");
  struct stat info{};
  ASSERT_EQ(::stat((system.root + "/home/photon/.ssh/authorized_keys").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0600U);
  ASSERT_EQ(::stat((system.root + "/etc/shadow").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0640U);
}

TEST_F(Credentials, ASecondBootChangesNothingAndSaysNothing) {
  give("photon.authorized_keys", std::string(a_key) + "\n");
  ASSERT_TRUE(apply());
  auto passwd = system.text("/etc/passwd"), keys = system.text("/home/photon/.ssh/authorized_keys"),
       said = heard.text();
  ASSERT_TRUE(apply());
  EXPECT_EQ(system.text("/etc/passwd"), passwd);
  EXPECT_EQ(system.text("/home/photon/.ssh/authorized_keys"), keys);
  EXPECT_EQ(heard.text(), said);
}

TEST_F(Credentials, TheUsersOwnKeysStay) {
  give("photon.authorized_keys", a_key);
  ASSERT_TRUE(apply());
  ASSERT_TRUE(write_file(system.root + "/home/photon/.ssh/authorized_keys", another_key));
  ASSERT_TRUE(apply());
  EXPECT_EQ(system.text("/home/photon/.ssh/authorized_keys"), std::string(another_key) + "\n" + a_key + "\n");
}

TEST_F(Credentials, AGroupThatIsNotInstalledIsLeftOutSilently) {
  system.put("/etc/group", "root:x:0:\nwheel:x:65:\n");
  give("photon.authorized_keys", a_key);
  ASSERT_TRUE(apply());
  EXPECT_THAT(system.text("/etc/group"), testing::Not(HasSubstr("devenv")));
  EXPECT_THAT(heard.text(), testing::Not(HasSubstr("devenv")));
}

TEST_F(Credentials, WithoutAGoodKeyNobodyIsMade) {
  give("photon.authorized_keys", "-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n");
  auto done = apply();
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr("no public key"));
  EXPECT_THAT(heard.text(), HasSubstr("photon.authorized_keys:1: this is a private key"));
  EXPECT_THAT(system.text("/etc/passwd"), testing::Not(HasSubstr("photon")));
}

TEST_F(Credentials, TheHostNameIsSetWhateverBecameOfTheKeys) {
  give("photon.authorized_keys", "nonsense\n");
  give("photon.hostname", "web-1.example\n");
  EXPECT_FALSE(apply());
  EXPECT_EQ(system.text("/etc/hostname"), "web-1.example\n");
}

TEST_F(Credentials, AHostNameThatIsNoneIsRefused) {
  for (const char* name : {"", "-a", "a..b", "a b", "x\ny", "a_b", "é"}) {
    give("photon.hostname", name);
    EXPECT_FALSE(apply()) << name;
  }
  EXPECT_EQ(system.text("/etc/hostname"), "photon\n");
}

TEST_F(Credentials, NoLinkOfTheUserLeadsAnywhere) {
  give("photon.authorized_keys", a_key);
  ASSERT_TRUE(apply());
  std::filesystem::remove_all(system.root + "/home/photon/.ssh");
  std::filesystem::create_directories(system.root + "/etc/ssh");
  std::filesystem::create_symlink("../../etc/ssh", system.root + "/home/photon/.ssh");
  EXPECT_FALSE(apply());
  EXPECT_TRUE(std::filesystem::is_empty(system.root + "/etc/ssh"));
}

}  // namespace
}  // namespace photon::first_boot
