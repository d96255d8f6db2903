#include "images/firstboot/seed.hpp"

#include <gmock/gmock.h>

#include "images/firstboot/apply.hpp"
#include "images/firstboot/commands.hpp"
#include "tests/unit/firstboot/small_system.hpp"

namespace photon::first_boot {
namespace {

using testing::HasSubstr;
using testing::Not;

struct SeedOfAMachine : testing::Test {
  SmallSystem system;
  Heard heard;
  Journal journal;
  std::string folder = system.folder.path + "/seed";

  void give(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories(folder);
    ASSERT_TRUE(write_file(folder + "/" + name, text));
  }
  Result<void> apply(const Source& source = {}) {
    PHOTON_TRY(auto seed, read_seed(folder, source));
    return apply_seed(system.tree(), seed, journal);
  }
};

TEST_F(SeedOfAMachine, DoesWhatItAsksFor) {
  give("meta-data", "instance-id: i-1\nlocal-hostname: web\n");
  give("user-data",
       std::string("#cloud-config\ngroups: [dev]\nusers:\n- default\n- {name: ann, groups: [dev], sudo: "
                   "'ALL=(ALL) ALL'}\n"
                   "ssh_authorized_keys: [\"") +
           a_key +
           "\"]\nwrite_files:\n- {path: /opt/deep/file, content: hi, owner: 'ann:dev', permissions: '0640'}\n"
           "- {path: /etc/hostlist, content: \"a\\n\", append: true}\nruncmd:\n- [echo, \"it's\"]\nlocale: "
           "C.UTF-8\n");
  give("network-config", "version: 2\nethernets: {e0: {dhcp4: true}}\n");
  system.put("/etc/hostlist", "old\n");
  auto done = apply();
  EXPECT_TRUE(done) << done.error().message;
  EXPECT_EQ(system.text("/etc/hostname"), "web\n");
  EXPECT_THAT(system.text("/etc/group"), HasSubstr("dev:x:1000:ann\n"));
  EXPECT_THAT(system.text("/etc/passwd"), HasSubstr("photon:x:1001:1001:"));
  EXPECT_EQ(system.text("/home/photon/.ssh/authorized_keys"), std::string(a_key) + "\n");
  EXPECT_THAT(system.text("/etc/sudoers.d/first-boot-ann"), HasSubstr("\nann ALL=(ALL) ALL\n"));
  EXPECT_EQ(system.text("/opt/deep/file"), "hi");
  EXPECT_EQ(system.text("/etc/hostlist"), "old\na\n");
  EXPECT_EQ(system.text("/etc/locale.conf"), "LANG=C.UTF-8\n");
  EXPECT_THAT(system.text("/etc/systemd/network/50-first-boot-0-e0.network"), HasSubstr("DHCP=ipv4"));
  EXPECT_EQ(system.text(std::string("/") + commands_file), "#!/bin/sh\n'echo' 'it'\\''s'\n");
}

TEST_F(SeedOfAMachine, IsDoneOnceForEachInstance) {
  give("meta-data", "instance-id: i-1\n");
  give("user-data", "#cloud-config\nhostname: one\n");
  ASSERT_TRUE(apply());
  give("user-data", "#cloud-config\nhostname: two\n");
  ASSERT_TRUE(apply());
  EXPECT_EQ(system.text("/etc/hostname"), "one\n");
  give("meta-data", "instance-id: i-2\n");
  ASSERT_TRUE(apply());
  EXPECT_EQ(system.text("/etc/hostname"), "two\n");
}

TEST_F(SeedOfAMachine, WithoutANameOtherDataIsAnotherInstance) {
  give("user-data", "#cloud-config\nhostname: one\n");
  ASSERT_TRUE(apply());
  give("user-data", "#cloud-config\nhostname: two\n");
  ASSERT_TRUE(apply());
  EXPECT_EQ(system.text("/etc/hostname"), "two\n");
}

TEST_F(SeedOfAMachine, ACutBeforeTheEndBeginsAnewAndAppendsOnce) {
  give("meta-data", "instance-id: i-1\n");
  give("user-data", "#cloud-config\nwrite_files: [{path: /etc/list, content: \"a\\n\", append: true}]\n");
  ASSERT_TRUE(apply());
  std::filesystem::remove(system.root + "/var/lib/photon/first-boot/instance");
  ASSERT_TRUE(apply());
  EXPECT_EQ(system.text("/etc/list"), "a\n");
}

TEST_F(SeedOfAMachine, OneWishThatFailsIsNamedAndTheOthersAreDone) {
  give("user-data",
       "#cloud-config\nwrite_files:\n- {path: /etc/a, owner: 'nobody-here:x'}\n- {path: /etc/b, content: "
       "b}\ntimezone: Mars/Base\nfoo: 1\n");
  EXPECT_FALSE(apply());
  EXPECT_EQ(system.text("/etc/b"), "b");
  EXPECT_THAT(heard.text(), HasSubstr("user-data:3:3: there is no nobody-here:x to own /etc/a"));
  EXPECT_THAT(heard.text(), HasSubstr("no time zone \"Mars/Base\""));
  EXPECT_THAT(heard.text(), HasSubstr("user-data:6:1: \"foo\" is not supported"));
}

TEST_F(SeedOfAMachine, FilesStayInsideTheRoot) {
  std::filesystem::create_symlink(system.folder.path, system.root + "/out");
  std::filesystem::create_symlink("../../../../../..", system.root + "/up");
  give("user-data",
       "#cloud-config\nwrite_files: [{path: /out/x, content: x}, {path: /up/etc/y, content: y}]\n");
  (void)apply();
  EXPECT_FALSE(std::filesystem::exists(system.folder.path + "/x"));
  EXPECT_EQ(system.text("/etc/y"), "y");
}

TEST_F(SeedOfAMachine, CommandsRunOnceAndBootCommandsAtEachStart) {
  give("meta-data", "instance-id: i-1\n");
  auto log = system.folder.path + "/log";
  give("user-data", "#cloud-config\nbootcmd: ['echo boot $INSTANCE_ID >>" + log +
                        "']\nruncmd: ['false', 'echo run >>" + log + "']\n");
  ASSERT_TRUE(apply());
  for (int start = 0; start < 2; ++start) EXPECT_TRUE(run_commands(system.tree(), system.root, journal));
  EXPECT_EQ(read_file(log).value(), "boot i-1\nrun\nboot i-1\n");
}

TEST_F(SeedOfAMachine, AScriptThatFailsIsTold) {
  give("user-data", "#!/bin/sh\nexit 3\n");
  ASSERT_TRUE(apply());
  auto done = run_commands(system.tree(), system.root, journal);
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr("ended with 3"));
  EXPECT_TRUE(run_commands(system.tree(), system.root, journal));
}

TEST(SourceOfASeed, IsReadFromTheCommandLine) {
  EXPECT_EQ(source_from("ro quiet"), std::nullopt);
  EXPECT_EQ(source_from("ro ds=nocloud quiet"), Source());
  EXPECT_EQ(source_from("ds=nocloud;i=x;h=web;s=file:///seed/"), (Source{"x", "web", "/seed/", ""}));
  EXPECT_EQ(source_from("ds=nocloud-net;s=http://x/"), (Source{"", "", "", "http://x/"}));
  EXPECT_EQ(source_from("xds=nocloud ds=nocloudy"), std::nullopt);
}

}  // namespace
}  // namespace photon::first_boot
