// One Home for all tests of a program; each test leaves it as it found it.
#pragma once
#include <gmock/gmock.h>

#include "tests/fixtures/devenv/devenv.hpp"

namespace photon::tests {

class FailureTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { home = std::make_unique<Home>(); }
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
    EXPECT_THAT(home->unfinished(), testing::IsEmpty());
  }
  /// A project's folder of that name, with this devcontainer.json.
  static std::string project(const std::string& name, std::string_view text) {
    return make_project(*home / name, text);
  }

  inline static std::unique_ptr<Home> home;
};

/// "devenv: " and one sentence without a full stop; below it, indented, what mends it.
MATCHER(IsAWellFormedError, "") {
  auto text = arg;
  // Plain lines of progress and warnings may come before it.
  auto at = text.rfind("\ndevenv: ");
  text = at == std::string::npos ? text : text.substr(at + 1);
  if (!text.starts_with("devenv: ") || !text.ends_with('\n')) return false;
  auto first = text.substr(0, text.find('\n'));
  if (first.ends_with('.') || first.size() < 12) return false;
  for (std::size_t line = first.size() + 1; line < text.size(); line = text.find('\n', line) + 1)
    if (text.compare(line, 2, "  ") != 0) return false;
  return true;
}

}  // namespace photon::tests
