// devenv's own command line against its own daemon; one for all tests of a program.
#pragma once
#include <gmock/gmock.h>

#include "tests/fixtures/devenv/devenv.hpp"

namespace photon::tests {

class EnvironmentTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (std::getenv("AS_ORDINARY_USER") != nullptr) {
      auto made = fixtures::make_ordinary_user();
      ASSERT_TRUE(made) << made.error().message;
      user = std::make_unique<fixtures::OrdinaryUser>(*made);
    }
    home = std::make_unique<Home>(user ? home_of(*user) : Home::Options{});
  }
  static void TearDownTestSuite() {
    EXPECT_THAT(home->leftovers(), testing::IsEmpty());
    home.reset();
  }
  void TearDown() override {
    for (const auto& name : home->names()) {
      auto removed = home->devenv({"rm", "--yes", name});
      EXPECT_EQ(removed.status, 0) << removed.err;
    }
    EXPECT_THAT(home->orphans(), testing::IsEmpty());
  }

  static std::string project(const std::string& name, std::string_view text) {
    auto folder = make_project(*home / name, text);
    if (user) must_run({"chown", "-R", fmt::format("{}:{}", user->uid, user->gid), folder});
    return folder;
  }
  /// `devenv up` there, which must succeed; what it said.
  static std::string up(const std::string& folder, std::vector<std::string> more = {}) {
    more.insert(more.begin(), "up");
    auto done = home->devenv(more, folder);
    EXPECT_EQ(done.status, 0) << done.err;
    return done.err;
  }
  /// `sh -c TEXT` inside; what it printed.
  static std::string inside(const std::string& name, const std::string& text) {
    auto done = home->devenv({"exec", name, "--", "sh", "-c", text});
    EXPECT_EQ(done.status, 0) << text << ": " << done.err;
    return done.out;
  }

  inline static std::unique_ptr<fixtures::OrdinaryUser> user;  ///< whose environments they are; none: ours
  inline static std::unique_ptr<Home> home;
};

}  // namespace photon::tests
