// One Home for all tests of the program: as we are, or with --user as an ordinary user. Each test leaves it
// as it found it.
#pragma once
#include <gmock/gmock.h>

#include "tests/fixtures/devenv/devenv.hpp"

namespace photon::tests {

class LifeTest : public testing::Test {
 protected:
  void TearDown() override {
    for (const auto& name : home().names()) EXPECT_EQ(home().devenv({"rm", "--yes", name}).status, 0);
    EXPECT_THAT(home().orphans(), testing::IsEmpty());
    EXPECT_THAT(home().unfinished(), testing::IsEmpty());
  }

  static Home& home();
  /// The ordinary user who does it all; none: we do.
  static const fixtures::OrdinaryUser* user();
  static unsigned uid() { return user() != nullptr ? user()->uid : ::geteuid(); }

  static Output devenv(std::vector<std::string> words, const std::string& folder = "/") {
    return home().devenv(std::move(words), folder);
  }
  /// `devenv up` of that source; the test fails where it fails.
  static json::value up(std::vector<std::string> words, const std::string& folder = "/") {
    words.insert(words.begin(), {"up", "--json"});
    auto output = devenv(std::move(words), folder);
    EXPECT_EQ(output.status, 0) << output.err << home().log();
    return parse_json(output.out, "devenv up --json").value_or(nullptr);
  }
  /// What a shell inside prints; the test fails where it fails.
  static std::string inside(const std::string& name, const std::string& script) {
    auto output = devenv({"exec", name, "--", "sh", "-c", script});
    EXPECT_EQ(output.status, 0) << script << "\n" << output.err;
    return output.out;
  }
  static json::value view(const std::string& name) { return home().environment(name); }
  static std::string state(const std::string& name) { return text_or(view(name), "state"); }

  /// A folder of whoever runs devenv, with this devcontainer.json.
  static std::string project(const std::string& name, std::string_view configuration);
  /// The same as a bare repository below `served`, by its URL.
  static std::string repository(const std::string& name, std::string_view configuration);
  static GitHttpServer& server();
};

}  // namespace photon::tests
