// Runs `namespaces_user` as an ordinary user, in mount and network namespaces of the test's own.
#pragma once
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <filesystem>

#include "tests/fixtures/user/ordinary_user.hpp"

namespace photon {

class UserTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    // Holders and pasta outlive what started them: they become ours, and we reap them.
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    ASSERT_EQ(::unshare(CLONE_NEWNET), 0);
    auto made = fixtures::make_ordinary_user();
    ASSERT_TRUE(made) << made.error().message;
    user = *made;
    program = user.folder + "/namespaces_user";
    std::filesystem::copy_file(PHOTON_BUILD_DIR "/tests/namespaces_user", program);
  }

  void SetUp() override { runtime = fmt::format("{}/devenv-{}", user.runtime, ++count); }
  void TearDown() override {
    auto output = as_user({"leave", runtime});
    EXPECT_EQ(output.status, 0) << output.out;
    while (::waitpid(-1, nullptr, WNOHANG) > 0) {
    }
  }

  Output as_user(std::vector<std::string> words) {
    words.insert(words.begin(), program);
    auto output = run(user.command(words), {}, std::chrono::seconds(20));
    EXPECT_TRUE(output) << output.error().message;
    return output ? *output : Output{.status = -1};
  }
  Output as_user(const std::string& what) { return as_user(std::vector<std::string>{what, runtime}); }

  static std::string value(const std::string& text, const std::string& key) {
    auto at = text.find(key + "=");
    if (at == text.npos) return {};
    at += key.size() + 1;
    return text.substr(at, text.find('\n', at) - at);
  }

  static inline fixtures::OrdinaryUser user;
  static inline std::string program;
  static inline int count = 0;
  std::string runtime;
};

}  // namespace photon
