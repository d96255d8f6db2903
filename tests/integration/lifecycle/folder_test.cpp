// A local folder: the user's own files, seen on both sides and owned by the user on the outer one.
#include <sys/stat.h>

#include "tests/integration/lifecycle/suite.hpp"

namespace photon::tests {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using Folder = LifeTest;

constexpr const char* of_dev = R"({"image": "devenv/base:latest", "remoteUser": "dev"})";
constexpr const char* of_root = R"({"image": "devenv/base:latest"})";

unsigned owner(const std::string& path) {
  struct stat found{};
  return ::stat(path.c_str(), &found) == 0 ? found.st_uid : ~0U;
}

TEST_F(Folder, EditsAreSeenOnBothSides) {
  auto folder = project("mine", of_dev);
  up({}, folder);
  put(folder + "/README.md", "from outside");
  EXPECT_EQ(inside("mine", "cat README.md; printf 'from inside' >answer"), "from outside");
  EXPECT_EQ(read_file(folder + "/answer").value_or(""), "from inside");
}

TEST_F(Folder, WhatIsMadeInsideBelongsToTheUserOutside) {
  for (const char* configuration : {of_dev, of_root}) {
    auto folder = project("made", configuration);
    up({"--recreate"}, folder);
    inside("made", "mkdir -p deep/er; echo x >deep/er/file; echo x >file");
    for (const char* name : {"/file", "/deep", "/deep/er/file"}) EXPECT_EQ(owner(folder + name), uid());
    // And what is the user's outside may be changed inside.
    must_run({"chmod", "-R", "go-w", folder});
    inside("made", "echo more >>file && rm -r deep");
    EXPECT_EQ(devenv({"rm", "made"}).status, 0);
    EXPECT_TRUE(std::filesystem::exists(folder + "/file"));
  }
}

// Where no mount can map owners, the user is root inside, at home where the image's user is.
TEST_F(Folder, TheRemoteUsersHomeAndFolderAreThere) {
  auto folder = project("home", of_dev);
  auto made = up({}, folder);
  EXPECT_EQ(inside("home", "echo $HOME; cd && touch it && echo wrote"), "/home/dev\nwrote\n");
  EXPECT_EQ(inside("home", "id -u; stat -c %u /workspaces/home"),
            user() != nullptr ? "0\n0\n" : "1000\n1000\n");
  auto warnings = write_json(*member(made, "warnings"));
  EXPECT_EQ(warnings.find("runs as root in the home of dev") != std::string::npos, user() != nullptr)
      << warnings;
}

// Root uses any folder and its owner keeps it; a user may use what the folder's mode allows.
TEST_F(Folder, OfSomebodyElse) {
  auto folder = project("theirs", of_root);
  must_run({"chown", "-R", user() != nullptr ? "0:0" : "4711:4711", folder});
  must_run({"chmod", "0777", folder});
  up({}, folder);
  inside("theirs", "echo x >file");
  EXPECT_EQ(owner(folder + "/file"), user() != nullptr ? uid() : 4711U);
}

}  // namespace
}  // namespace photon::tests
