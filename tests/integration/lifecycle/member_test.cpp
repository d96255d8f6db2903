// The machine's daemon, used by somebody who is only a member of the group devenv: what is theirs stays
// theirs.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "tests/fixtures/devenv/devenv.hpp"

namespace photon::tests {
namespace {

using testing::HasSubstr;

constexpr const char* of_dev = R"({"image": "devenv/base:latest", "remoteUser": "dev",
  "initializeCommand": "id -u >by"})";

class Member : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto made = fixtures::make_ordinary_user();
    ASSERT_TRUE(made) << made.error().message;
    user = *made;
    auto groups = read_file("/etc/group");
    ASSERT_TRUE(groups);
    // In place: the file is a mount point. Of two lines the first counts.
    Fd file(::open("/etc/group", O_WRONLY | O_TRUNC | O_CLOEXEC));
    ASSERT_TRUE(write_all(file.get(), fmt::format("devenv:x:{}:{}\n{}", group, user.name, *groups)));
    programs = user.folder + "/bin";
    ASSERT_TRUE(make_directories(programs, 0755));
    ASSERT_EQ(::mount(PHOTON_BUILD_DIR "/bin", programs.c_str(), nullptr, MS_BIND, nullptr), 0);
    home = std::make_unique<Home>(Home::Options{.folder = user.folder + "/machine", .programs = programs});
    for (const char* part : {"", "/home", "/home/run"}) ::chmod((home->folder() + part).c_str(), 0755);
  }
  static void TearDownTestSuite() {
    EXPECT_THAT(home->leftovers(), testing::IsEmpty());
    home.reset();
  }
  void TearDown() override {
    for (const auto& name : home->names()) EXPECT_EQ(home->devenv({"rm", "--yes", name}).status, 0);
    EXPECT_THAT(home->orphans(), testing::IsEmpty());
  }

  static Output devenv(std::vector<std::string> words, bool member = true) {
    words.insert(words.begin(), programs + "/devenv");
    auto command = user.command(std::move(words), {{"DEVENV_SOCKET", home->paths().runtime + "/api.sock"}});
    for (auto& word : command.argv)
      if (member && word == "--clear-groups") word = fmt::format("--groups={}", group);
    auto output = run(std::move(command), {}, std::chrono::seconds(60));
    return output ? *output : Output{-1, "", output.error().message};
  }
  static std::string project(const std::string& name, unsigned owner) {
    auto folder = make_project(user.home + "/" + name, of_dev);
    must_run({"chown", "-R", fmt::format("{0}:{0}", owner), folder});
    return folder;
  }
  static unsigned owner(const std::string& path) {
    struct stat found{};
    return ::stat(path.c_str(), &found) == 0 ? found.st_uid : ~0U;
  }

  static constexpr unsigned group = 4999;
  static inline fixtures::OrdinaryUser user;
  static inline std::string programs;
  static inline std::unique_ptr<Home> home;
};

TEST_F(Member, TheirFolderIsTheirsOnBothSides) {
  auto folder = project("web", user.uid);
  auto up = devenv({"up", folder});
  ASSERT_EQ(up.status, 0) << up.err;
  auto made = devenv({"exec", "web", "--", "sh", "-c", "id -u; stat -c %u README.md; echo x >made"});
  EXPECT_EQ(made.out, "1000\n1000\n") << made.err;
  EXPECT_EQ(owner(folder + "/made"), user.uid);
}

TEST_F(Member, WhatRunsOnTheMachineRunsAsThem) {
  auto folder = project("web", user.uid);
  auto up = devenv({"up", folder});
  ASSERT_EQ(up.status, 0) << up.err;
  EXPECT_EQ(read_file(folder + "/by").value_or(""), fmt::format("{}\n", user.uid));
  EXPECT_EQ(owner(folder + "/by"), user.uid);
}

TEST_F(Member, AFolderOfSomebodyElseIsRefused) {
  auto folder = project("taken", 0);
  auto up = devenv({"up", folder});
  EXPECT_EQ(up.status, 5) << up.err;
  EXPECT_THAT(up.err, HasSubstr(folder + " belongs to somebody else"));
  EXPECT_THAT(home->names(), testing::IsEmpty());
}

TEST_F(Member, WhoIsNoMemberIsKeptOut) {
  EXPECT_EQ(devenv({"ls"}).status, 0);
  auto refused = devenv({"ls"}, false);
  EXPECT_EQ(refused.status, 5) << refused.err;
  EXPECT_THAT(refused.err, HasSubstr("Permission denied"));
}

}  // namespace
}  // namespace photon::tests
