// One image of a configuration: what it has, what it costs the second time, and where it goes.
#include "tests/integration/build/suite.hpp"

namespace photon::tests {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class Prebuilt : public BuildTest {
 protected:
  void TearDown() override {
    for (const auto& name : named_) EXPECT_EQ(home->devenv({"image", "rm", name}).status, 0) << name;
    BuildTest::TearDown();
  }

  /// `devenv build` of that folder under that name; its answer. The test fails where it fails.
  json::value build(const std::string& folder, const std::string& name, std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"build", "--json", "--image-name", name, folder});
    auto done = home->devenv(std::move(more));
    EXPECT_EQ(done.status, 0) << done.err << home->log();
    if (done.status == 0 && std::find(named_.begin(), named_.end(), name) == named_.end())
      named_.push_back(name);
    said_ = done.err;
    return parse_json(done.out, "devenv build --json").value_or(nullptr);
  }

  static void feature(const std::string& folder, const std::string& name, const std::string& script,
                      const std::string& more = {}) {
    auto below = folder + "/.devcontainer/" + name;
    write(below + "/install.sh", "#!/bin/sh\nset -e\n" + script + "\n");
    write(below + "/devcontainer-feature.json",
          fmt::format(R"({{"id": "{}", "version": "1.0.0"{}}})", name, more));
  }

  std::vector<std::string> named_;
  std::string said_;
};

TEST_F(Prebuilt, ADockerfileAndFeaturesAreOneImageThatEnvironmentsStartFrom) {
  auto folder = with_dockerfile("web", fmt::format("FROM {}\nRUN echo built > /built\n", base()), "",
                                R"("features": {"./tools": {}}, "postCreateCommand": "cat /tools > made",
                                   "remoteUser": "dev")");
  feature(folder, "tools", "cat /proc/sys/kernel/random/uuid > /tools; rm /built",
          R"(, "containerEnv": {"TOOLS": "yes"})");
  auto made = build(folder, "localhost/web:1");
  EXPECT_EQ(text_or(made.at("names").at(0), ""), "");
  EXPECT_EQ(std::string(made.at("names").at(0).as_string()), "localhost/web:1");
  // Unchanged: another name, no program runs.
  auto again = build(folder, "localhost/web:2");
  EXPECT_EQ(text_or(again, "digest"), text_or(made, "digest"));
  EXPECT_THAT(said_, AllOf(HasSubstr("unchanged"), Not(HasSubstr("STEP"))));
  // All of it is in the image: an environment of it runs what the label says.
  auto other = project("other", R"({"image": "localhost/web:1"})");
  up(other);
  EXPECT_THAT(inside("other", "cat /tools"), testing::SizeIs(37));
  EXPECT_EQ(inside("other", "echo $TOOLS; test -e /built || echo taken away; cat made; echo $HOME"),
            "yes\ntaken away\n" + inside("other", "cat /tools") + "/home/dev\n");
  // What is built anew is another one.
  EXPECT_NE(text_or(build(folder, "localhost/web:2", {"--no-cache"}), "digest"), text_or(made, "digest"));
}

TEST_F(Prebuilt, APushedImageIsPulledByWhoeverNamesIt) {
  auto folder = project("web", fmt::format(R"({{"image": "{}", "features": {{"./tools": {{}}}}}})", base()));
  feature(folder, "tools", "head -c 300000 /dev/urandom > /tools");
  auto name = registry->host() + "/acme/web:2";
  auto made = build(folder, name, {"--push"});
  EXPECT_THAT(said_, HasSubstr("push"));
  auto before = home->devenv({"image", "ls", "--json"}).out;
  build(folder, name, {"--push"});
  EXPECT_THAT(said_, AllOf(HasSubstr("unchanged"), HasSubstr("0 B sent")));
  ASSERT_EQ(home->devenv({"image", "rm", name}).status, 0);
  ASSERT_EQ(home->devenv({"image", "gc"}).status, 0);
  auto pulled = home->devenv({"image", "pull", name});
  EXPECT_EQ(pulled.status, 0) << pulled.err;
  EXPECT_THAT(home->devenv({"image", "ls", "--json"}).out, HasSubstr(text_or(made, "digest")));
}

TEST_F(Prebuilt, AnArchiveIsReadAgain) {
  auto folder = project("web", fmt::format(R"({{"image": "{}", "containerEnv": {{"A": "a"}}}})", base()));
  auto made = build(folder, "localhost/web:1");
  auto archive = folder + "/web.tar";
  auto done = home->devenv({"image", "export", "localhost/web:1", archive});
  ASSERT_EQ(done.status, 0) << done.err;
  ASSERT_EQ(home->devenv({"image", "rm", "localhost/web:1"}).status, 0);
  ASSERT_EQ(home->devenv({"image", "gc"}).status, 0);
  auto read = home->devenv({"image", "import", archive});
  EXPECT_EQ(read.status, 0) << read.err;
  EXPECT_THAT(home->devenv({"image", "ls", "--json"}).out,
              AllOf(HasSubstr("localhost/web:1"), HasSubstr(text_or(made, "digest"))));
  // What is there stays as it is.
  EXPECT_NE(home->devenv({"image", "export", "localhost/web:1", archive}).status, 0);
  EXPECT_GT(std::filesystem::file_size(archive), 1000U);
}

TEST_F(Prebuilt, WhatCannotBeIsSaidAndLeavesNothing) {
  auto folder = project("web", fmt::format(R"({{"image": "{}", "features": {{"./tools": {{}}}}}})", base()));
  feature(folder, "tools", "echo why; exit 3");
  auto failed = home->devenv({"build", "--image-name", "localhost/web:1", folder});
  EXPECT_EQ(failed.status, 1);
  EXPECT_THAT(failed.err, AllOf(HasSubstr("tools"), HasSubstr("why")));
  EXPECT_EQ(home->devenv({"build", "--image-name", "a b/web", folder}).status, 2);
  EXPECT_EQ(home->devenv({"build", *home / "none"}).status, 3);
  EXPECT_THAT(home->devenv({"image", "ls", "--json"}).out, Not(HasSubstr("localhost/web")));
  feature(folder, "tools", "true");
  auto away = home->devenv({"build", "--push", "--image-name", "localhost:1/web:1", folder});
  EXPECT_EQ(away.status, 6) << away.err;
  named_ = {"localhost:1/web:1"};  // built it is
}

}  // namespace
}  // namespace photon::tests
