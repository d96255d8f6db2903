// One devenv for all tests of a program, and what they look at.
#pragma once
#include "tests/integration/environment/suite.hpp"
#include "tests/integration/feature/published.hpp"
#include "tests/integration/image/tiny_server.hpp"

namespace photon::tests {

class FeatureTest : public EnvironmentTest {
 protected:
  void TearDown() override {
    EnvironmentTest::TearDown();
    // Each test finds a machine without layers and features.
    auto collected = home->devenv({"image", "gc"});
    EXPECT_EQ(collected.status, 0) << collected.err;
    EXPECT_THAT(stored(), testing::IsEmpty());
    EXPECT_THAT(layers(), testing::IsEmpty());
  }

  /// A project of these features, written as in a devcontainer.json, and of more members.
  static std::string with_features(const std::string& name, const std::string& features,
                                   const std::string& more = {}) {
    return project(name, fmt::format(R"({{"image": "devenv/base:latest", "features": {}{}{}}})", features,
                                     more.empty() ? "" : ", ", more));
  }
  /// A file that belongs to whoever runs devenv.
  static void write(const std::string& path, std::string_view text) {
    put(path, text);
    auto folder = std::filesystem::path(path).parent_path().string();
    if (user) must_run({"chown", "-R", fmt::format("{}:{}", user->uid, user->gid), folder});
  }
  /// A feature of that project's own.
  static void local(const std::string& project, const std::string& name, const fixtures::Published& feature) {
    auto folder = project + "/.devcontainer/" + name;
    put(folder + "/devcontainer-feature.json", feature.metadata);
    put(folder + "/install.sh", "#!/bin/sh\nset -e\n" + feature.install + "\n");
    if (user) must_run({"chown", "-R", fmt::format("{}:{}", user->uid, user->gid), project});
  }
  static std::vector<std::string> stored() { return names_in(home->paths().data + "/features"); }
  /// Keys of the layers that containerd keeps.
  static std::vector<std::string> layers() {
    auto listed = must_run({"ctr", "--address", home->paths().runtime + "/containerd/containerd.sock",
                            "--namespace", "devenv", "snapshots", "ls"});
    std::vector<std::string> keys;
    for (std::size_t at = 0; (at = listed.find("feature-", at)) != listed.npos; at += 8)
      if (at == 0 || listed[at - 1] == '\n') keys.push_back(listed.substr(at, listed.find(' ', at) - at));
    return keys;
  }

 private:
  static std::vector<std::string> names_in(const std::string& folder) {
    std::vector<std::string> names;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(folder, error))
      names.push_back(entry.path().filename());
    return names;
  }
};

}  // namespace photon::tests
