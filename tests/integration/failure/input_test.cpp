// Wrong words and broken files, as people type and write them.
#include <gmock/gmock.h>

#include "tests/fixtures/devenv/devenv.hpp"

namespace photon::tests {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class Input : public testing::Test {
 protected:
  static void SetUpTestSuite() { home = std::make_unique<Home>(); }
  static void TearDownTestSuite() {
    EXPECT_THAT(home->leftovers(), IsEmpty());
    home.reset();
  }
  void TearDown() override {
    for (const auto& name : home->names()) EXPECT_EQ(home->devenv({"rm", "--yes", name}).status, 0);
    EXPECT_THAT(home->orphans(), IsEmpty());
  }
  static std::unique_ptr<Home> home;
};
std::unique_ptr<Home> Input::home;

TEST_F(Input, AFolderComesUp) {
  auto folder = make_project(*home / "web", R"({"image": "devenv/base:latest"})");
  auto up = home->devenv({"up"}, folder);
  EXPECT_EQ(up.status, 0) << up.err;
  EXPECT_EQ(home->devenv({"exec", "web", "--", "sh", "-c", "exit 7"}).status, 7);
}

}  // namespace
}  // namespace photon::tests
