#include <gmock/gmock.h>

#include "images/firstboot/readers.hpp"
#include "tests/unit/firstboot/small_system.hpp"

namespace photon::first_boot {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct UserData : testing::Test {
  Plan plan;
  Result<void> done;

  void read(const std::string& text) { done = read_user_data("#cloud-config\n" + text, "user-data", plan); }
  std::vector<std::string> words() {
    std::vector<std::string> out;
    for (const auto& error : plan.left_out) out.push_back(sentence(error));
    return out;
  }
};

TEST_F(UserData, KeysAloneAreThoseOfTheDefaultUser) {
  read(std::string("ssh_authorized_keys:\n  - ") + a_key + "\n");
  ASSERT_EQ(plan.users.size(), 1U);
  EXPECT_EQ(plan.users[0].user.name, "photon");
  EXPECT_THAT(plan.users[0].keys, ElementsAre(a_key));
  EXPECT_THAT(words(), ElementsAre());
}

TEST_F(UserData, AUserIsMadeAsDescribed) {
  read(std::string(
           "users:\n- default\n- name: ann\n  gecos: Ann A.\n  groups: [wheel, 'video,audio']\n  uid: 1500\n"
           "  shell: /bin/sh\n  sudo: ALL=(ALL) NOPASSWD:ALL\n  lock_passwd: true\n  ssh_authorized_keys:\n  "
           "- ") +
       a_key + "\n");
  ASSERT_EQ(plan.users.size(), 2U);
  const auto& ann = plan.users[1];
  EXPECT_EQ(ann.user, (User{.name = "ann",
                            .gecos = "Ann A.",
                            .shell = "/bin/sh",
                            .uid = 1500,
                            .groups = {"wheel", "video", "audio"}}));
  EXPECT_THAT(ann.sudo, ElementsAre("ALL=(ALL) NOPASSWD:ALL"));
  EXPECT_THAT(ann.keys, ElementsAre(a_key));
  EXPECT_THAT(words(), ElementsAre());
}

TEST_F(UserData, WhatWouldLetPasswordsOrRootInIsRefused) {
  read(std::string("ssh_pwauth: true\ndisable_root: false\npassword: secret\nchpasswd: {expire: "
                   "false}\nusers:\n- name: root\n"
                   "  ssh_authorized_keys: [\"") +
       a_key + "\"]\n- name: ann\n  plain_text_passwd: x\n");
  EXPECT_THAT(words(), ElementsAre(HasSubstr("user-data:2:1: SSH takes keys alone"),
                                   HasSubstr("user-data:3:1: root does not log in"),
                                   HasSubstr("user-data:4:1: \"password\" is refused"),
                                   HasSubstr("user-data:5:1: \"chpasswd\" is refused"),
                                   HasSubstr("user-data:7:9: root gets no keys"),
                                   HasSubstr("user-data:10:3: passwords are not taken in plain")));
  ASSERT_EQ(plan.users.size(), 1U);
}

TEST_F(UserData, AHashedPasswordIsTakenWhenItIsSaidTwice) {
  read(
      "users:\n- {name: a, hashed_passwd: $6$abc$def, lock_passwd: false}\n- {name: b, passwd: $6$abc$def}\n"
      "- {name: c, passwd: $1$abc$def, lock_passwd: false}\n");
  ASSERT_EQ(plan.users.size(), 3U);
  EXPECT_EQ(plan.users[0].user.password, "$6$abc$def");
  EXPECT_EQ(plan.users[1].user.password, std::nullopt);
  EXPECT_EQ(plan.users[2].user.password, std::nullopt);
  EXPECT_THAT(words(), ElementsAre(HasSubstr("locked"), HasSubstr("no hashed password")));
}

TEST_F(UserData, FilesAreRead) {
  read(
      "write_files:\n- path: /etc/a\n  content: |\n    text\n- {path: /etc/b, content: aGVsbG8=, encoding: "
      "b64, permissions: '0600', owner: 'ann:ann'}\n"
      "- {path: etc/c}\n- {path: /x/../y}\n- {path: /d, encoding: gz+b64, content: x}\n- {path: /e, "
      "permissions: '4755'}\n- {path: /f, content: '%', encoding: b64}\n");
  ASSERT_EQ(plan.files.size(), 2U);
  EXPECT_EQ(plan.files[0].content, "text\n");
  EXPECT_EQ(plan.files[1].content, "hello");
  EXPECT_EQ(plan.files[1].mode, 0600U);
  EXPECT_EQ(plan.files[1].owner, "ann");
  EXPECT_THAT(words(), ElementsAre(HasSubstr("no absolute path"), HasSubstr("no absolute path"),
                                   HasSubstr("gz+b64"), HasSubstr("set-uid"), HasSubstr("not base64")));
}

TEST_F(UserData, CommandsAreLinesOrWords) {
  read("runcmd:\n- echo a | cat\n- [touch, /x y]\nbootcmd: [true]\n");
  EXPECT_THAT(plan.commands,
              ElementsAre(WantedCommand{.line = "echo a | cat"}, WantedCommand{.words = {"touch", "/x y"}}));
  EXPECT_EQ(plan.boot_commands.size(), 1U);
}

TEST_F(UserData, NamesSettingsAndWhatIsNotSupported) {
  read(
      "hostname: web\nfqdn: web.example\ntimezone: Europe/Berlin\nlocale: de_DE.UTF-8\ngrowpart: {mode: "
      "auto}\nntp: {enabled: true}\n"
      "packages: [vim]\nfinal_message: hi\nusers: {a: b}\n");
  EXPECT_EQ(plan.host_name, "web");
  EXPECT_EQ(plan.time_zone, "Europe/Berlin");
  EXPECT_EQ(plan.locale, "de_DE.UTF-8");
  EXPECT_THAT(words(),
              ElementsAre(HasSubstr("user-data:7:1: \"ntp\""), HasSubstr("user-data:8:1: \"packages\""),
                          HasSubstr("\"final_message\""), HasSubstr("users has to be a list")));
}

TEST_F(UserData, WhatWouldLeaveAFileOfOursIsNoValue) {
  read(
      "timezone: ../../etc/shadow\nlocale: \"C\\nX=1\"\nhostname: \"a b\"\nusers:\n- {name: \"x:y\"}\n- "
      "{name: a, gecos: \"b:c\", shell: \"/bin/sh:0\", sudo: \"a=b\\nc\"}\n");
  EXPECT_EQ(plan.time_zone, std::nullopt);
  EXPECT_EQ(plan.locale, std::nullopt);
  EXPECT_EQ(plan.host_name, std::nullopt);
  ASSERT_EQ(plan.users.size(), 1U);
  EXPECT_EQ(plan.users[0].user, (User{.name = "a"}));
  EXPECT_EQ(words().size(), 7U);
}

TEST_F(UserData, AScriptIsOneAndOtherKindsAreNamed) {
  ASSERT_TRUE(read_user_data("#!/bin/sh\necho hi\n", "user-data", plan));
  EXPECT_EQ(plan.script, "#!/bin/sh\necho hi\n");
  ASSERT_TRUE(read_user_data("#include\nhttp://x/\n", "user-data", plan));
  ASSERT_TRUE(read_user_data("Content-Type: multipart/mixed\n", "user-data", plan));
  ASSERT_TRUE(read_user_data("hostname: x\n", "user-data", plan));
  ASSERT_TRUE(read_user_data("\n", "user-data", plan));
  EXPECT_THAT(words(),
              ElementsAre(HasSubstr("addresses"), HasSubstr("MIME"), HasSubstr("no kind that is known")));
}

TEST(MetaDataFile, IsRead) {
  Plan plan;
  auto data = read_meta_data("instance-id: i-1\nlocal-hostname: web\nzone: a\n", "meta-data", plan);
  ASSERT_TRUE(data);
  EXPECT_EQ(data->instance_id, "i-1");
  EXPECT_EQ(data->host_name, "web");
  ASSERT_EQ(plan.left_out.size(), 1U);
  EXPECT_EQ(plan.left_out[0].where, (Place{"meta-data", 3, 1}));
  EXPECT_FALSE(read_meta_data("- a\n", "meta-data", plan));
}

}  // namespace
}  // namespace photon::first_boot
