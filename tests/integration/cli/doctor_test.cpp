// `devenv doctor`: with a daemon, and where none can start.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/mount.h>

#include <filesystem>

#include "devenv/core/json.hpp"
#include "tests/fixtures/temp_folder.hpp"
#include "tests/fixtures/user/ordinary_user.hpp"

namespace photon::tests {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

const std::string everywhere = "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

class Doctor : public testing::Test {
 protected:
  /// The user comes with a mount namespace of our own: what is hidden there is hidden from nobody else.
  static void SetUpTestSuite() {
    auto made = fixtures::make_ordinary_user({.subordinate_ids = false});
    ASSERT_TRUE(made) << made.error().message;
    user_ = *made;
  }
  /// As the ordinary user, who must be able to enter the folder of the programs.
  static Output as_user(std::vector<std::string> words) {
    auto bin = user_.folder + "/bin";
    if (!std::filesystem::exists(bin)) {
      EXPECT_TRUE(make_directories(bin, 0755));
      for (const char* name : {"devenv", "devenvd", "devenv-gateway", "devenv-inside"})
        std::filesystem::copy_file(std::string(PHOTON_BUILD_DIR "/bin/") + name, bin + "/" + name);
    }
    words.insert(words.begin(), bin + "/devenv");
    return run(user_.command(words, {{"PATH", everywhere}})).value();
  }
  void TearDown() override { EXPECT_EQ(devenv({"shutdown", "--all"}).status, 0); }
  Output devenv(std::vector<std::string> words) {
    words.insert(words.begin(), PHOTON_BUILD_DIR "/bin/devenv");
    return run({.argv = words,
                .environment =
                    std::map<std::string, std::string>{
                        {"DEVENV_HOME", folder_.path}, {"HOME", folder_.path}, {"PATH", everywhere}}})
        .value();
  }
  static inline fixtures::OrdinaryUser user_;
  fixtures::TempFolder folder_;
};

TEST_F(Doctor, WithAWorkingDaemonNothingFails) {
  auto output = devenv({"doctor"});
  EXPECT_EQ(output.status, 0) << output.out << output.err;
  for (const char* line :
       {"  ok    containerd [0-9.]+", "  ok    c?runc? [0-9.]+", "  (ok|warn)  +control groups|no control",
        "GB free in ", "  warn  libssh [0-9.]+: no forwarding of Unix sockets +needs libssh",
        "  ok    buildah, for Dockerfiles", "  ok    devenvd ", "  ok    git version", "  ok    ssh"})
    EXPECT_THAT(output.out, ContainsRegex(line));
  auto list = parse_json(devenv({"doctor", "--json"}).out, "the answer");
  ASSERT_TRUE(list && list->is_array());
  for (const auto& check : list->get_array())
    for (const char* key : {"name", "level", "text"}) EXPECT_NE(text_or(check, key), "") << write_json(check);
}

TEST_F(Doctor, WhatIsNotInstalledIsSaidWithTheLineThatInstallsIt) {
  std::vector<std::string> hidden;
  for (const char* name : {"containerd", "crun", "runc", "ssh", "git", "buildah"})
    if (auto path = find_program(name)) {
      ASSERT_EQ(::mount("/dev/null", path->c_str(), nullptr, MS_BIND, nullptr), 0) << *path;
      hidden.push_back(*path);
    }
  auto output = devenv({"doctor"});
  for (const auto& path : hidden) EXPECT_EQ(::umount2(path.c_str(), MNT_DETACH), 0);
  EXPECT_EQ(output.status, 1);
  for (const char* line :
       {"  fail  containerd is not installed +sudo apt install containerd crun\n",
        "  fail  neither crun nor runc is installed +sudo apt install crun\n",
        "  fail  OpenSSH's client is not installed +sudo apt install openssh-client\n",
        "  warn  buildah, which builds Dockerfiles, is not installed +sudo apt install buildah\n",
        "  warn  git is not installed.*sudo apt install git\n",
        "  fail  the daemon does not start +mend the line above"})
    EXPECT_THAT(output.out, ContainsRegex(line));
}

TEST_F(Doctor, ADaemonThatGivesUpIsQuotedBetweenTheOtherLines) {
  ASSERT_TRUE(make_directories(folder_.path + "/data"));
  ASSERT_TRUE(
      write_file(folder_.path + "/data/journal.sqlite", "this is no database, and long enough to be seen"));
  auto output = devenv({"doctor"});
  EXPECT_EQ(output.status, 1);
  EXPECT_THAT(output.out, HasSubstr("  ok    containerd "));
  EXPECT_THAT(output.out, ContainsRegex("  fail  the daemon did not start: .*journal.sqlite"));
  EXPECT_TRUE(std::filesystem::remove(folder_.path + "/data/journal.sqlite"));
}

TEST_F(Doctor, TheOrdinaryUserIsToldWhatGivesSubordinateIdsAndThenAllIsWell) {
  auto output = as_user({"doctor"});
  EXPECT_EQ(output.status, 1) << output.err;
  EXPECT_THAT(output.out, HasSubstr("  ok    containerd "));
  for (const char* file : {"/etc/subuid", "/etc/subgid"})
    EXPECT_THAT(
        output.out,
        ContainsRegex(std::string("  fail  ") + file +
                      " gives the user photon-test no range of subordinate ids +sudo usermod --add-subuids "
                      "[0-9]+-[0-9]+ --add-subgids [0-9]+-[0-9]+ photon-test\n"));
  EXPECT_THAT(output.out, HasSubstr("  fail  the daemon does not start "));
  auto list = as_user({"ls"});
  EXPECT_EQ(list.status, 5);
  EXPECT_THAT(list.err, HasSubstr("no range of subordinate ids\n  sudo usermod --add-subuids"));

  for (const char* file : {"subuid", "subgid"}) {
    auto path = user_.folder + "/etc/" + file;
    ASSERT_TRUE(write_file(path + ".new", read_file(path).value() + "photon-test:600100:65536\n", 0644));
    // In its place: the file itself is what lies over the machine's.
    std::filesystem::copy_file(path + ".new", path, std::filesystem::copy_options::overwrite_existing);
  }
  output = as_user({"doctor"});
  EXPECT_EQ(output.status, 0) << output.out << output.err;
  EXPECT_THAT(output.out, HasSubstr("(private, user namespace)\n"));
  EXPECT_THAT(output.out, HasSubstr("  ok    user namespaces, with subordinate ids of your own\n"));
  EXPECT_THAT(output.out, ContainsRegex("  ok    devenvd [0-9.]+, of this user\n"));
  EXPECT_EQ(as_user({"shutdown", "--all"}).status, 0);
}

}  // namespace
}  // namespace photon::tests
