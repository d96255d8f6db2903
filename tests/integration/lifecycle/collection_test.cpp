// `devcontainer features test`: what a collection's scripts see, what is reported and what is left.
#include "tests/integration/lifecycle/suite.hpp"

namespace photon::tests {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class Collection : public LifeTest {
 protected:
  void SetUp() override {
    folder_ = project("collection", "{}");
    std::filesystem::remove_all(folder_);
    write("src/color/devcontainer-feature.json", R"({"id": "color", "version": "1.0.0",
      "options": {"favorite": {"type": "string", "enum": ["red", "gold"], "default": "red"}}})");
    write("src/color/install.sh", "#!/bin/sh\nset -e\necho \"$FAVORITE\" >> /color\n");
    script("color/test.sh", "check red grep red /color");
    script("color/gold.sh", "check gold grep gold /color\ncheck more test -e .devcontainer/more");
    write("test/color/gold/more", "");
    write("test/color/scenarios.json",
          R"({"gold": {"image": "devenv/base:latest", "features": {"color": {"favorite": "gold"}}}})");
    script("color/duplicate.sh",
           "check both grep -c gold /color\ncheck twice test 2 = $(cat /color | wc -l)\n"
           "check given test $FAVORITE-$FAVORITE__DEFAULT = gold-red");
  }

  void write(const std::string& path, const std::string& text) {
    put(folder_ + "/" + path, text);
    if (user() != nullptr) must_run({"chown", "-R", std::to_string(uid()), folder_});
  }
  void script(const std::string& path, const std::string& checks) {
    write("test/" + path, "#!/bin/sh\n. ./dev-container-features-test-lib\n" + checks + "\nreportResults\n");
  }
  Output test(std::vector<std::string> words) {
    words.insert(words.begin(),
                 {home().program("devcontainer"), "features", "test", "-i", "devenv/base:latest"});
    auto command = home().command(std::move(words));
    command.directory = folder_;
    auto done = run(std::move(command), {}, std::chrono::seconds(120));
    return done ? std::move(*done) : Output{-1, "", sentence(done.error())};
  }
  static std::size_t folders_left() {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::temp_directory_path()))
      count += entry.path().filename().string().starts_with("devcontainer-test-") ? 1U : 0U;
    return count;
  }

  std::string folder_;
};

TEST_F(Collection, IsTestedAndNothingIsLeft) {
  auto before = folders_left();
  auto done = test({});
  EXPECT_EQ(done.status, 0) << done.out << done.err;
  EXPECT_THAT(done.out, AllOf(HasSubstr("✅  Passed 'gold'!"), HasSubstr("✅ Passed:      'color'\n"),
                              HasSubstr("✅ Passed:      'gold'\n"),
                              HasSubstr("✅ Passed:      'color executed twice with randomized options'\n"),
                              HasSubstr("Cleaning up 3 test containers...")));
  EXPECT_THAT(home().names(), testing::IsEmpty());
  EXPECT_EQ(folders_left(), before);
}

TEST_F(Collection, AFailedCheckIsReportedAndEndsWithOne) {
  script("color/test.sh", "check blue grep blue /color\ncheck red grep red /color");
  auto done = test({"--features", "color", "--skip-scenarios", "--skip-duplicated"});
  EXPECT_EQ(done.status, 1);
  EXPECT_THAT(done.out, AllOf(HasSubstr("✅  Passed 'red'!"), HasSubstr("❌ Failed:      'color'\n")));
  EXPECT_THAT(done.err, AllOf(HasSubstr("❌ blue check failed."), HasSubstr("💥  Failed tests: blue")));
}

TEST_F(Collection, AFeatureThatIsNotInstalledEndsTheRunAndNothingIsLeft) {
  auto before = folders_left();
  write("src/color/install.sh", "#!/bin/sh\necho why; exit 3\n");
  auto done = test({});
  EXPECT_EQ(done.status, 1);
  EXPECT_THAT(done.out, AllOf(HasSubstr("Failed to launch container:"), HasSubstr("why"),
                              Not(HasSubstr("TEST REPORT"))));
  EXPECT_THAT(home().names(), testing::IsEmpty());
  EXPECT_EQ(folders_left(), before);
}

TEST_F(Collection, WhatIsPreservedCanBeEntered) {
  auto done =
      test({"-f", "color", "--skip-scenarios", "--skip-duplicated", "--preserve-test-containers", "-q"});
  EXPECT_EQ(done.status, 0) << done.out << done.err;
  EXPECT_THAT(done.err, Not(HasSubstr("feature")));
  ASSERT_EQ(home().names().size(), 1U);
  auto folder = text_or(view(home().names()[0]), "folder");
  EXPECT_EQ(inside(home().names()[0], "cat /color"), "red\n");
  std::filesystem::remove_all(std::filesystem::path(folder).parent_path());
}

}  // namespace
}  // namespace photon::tests
