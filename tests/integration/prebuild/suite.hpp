// A repository whose hooks leave marks, for prebuilds of it; each test finds and leaves none.
#pragma once
#include "tests/integration/environment/suite.hpp"

namespace photon::tests {

class PrebuildTest : public EnvironmentTest {
 protected:
  static void SetUpTestSuite() {
    EnvironmentTest::SetUpTestSuite();
    server = std::make_unique<GitHttpServer>(*home / "served");
  }
  static void TearDownTestSuite() {
    server.reset();
    EnvironmentTest::TearDownTestSuite();
  }
  void TearDown() override {
    EnvironmentTest::TearDown();
    for (const auto& one : prebuilds()) devenv({"prebuild", "rm", text_or(one, "id")});
    EXPECT_FALSE(std::filesystem::exists(kept())) << "sources of a prebuild that is no more";
    EXPECT_EQ(home->devenv({"image", "gc"}).status, 0);
    EXPECT_THAT(home->unfinished(), testing::IsEmpty());
  }

  /// Hooks that say when they ran: in the container, and among the sources. `more`: members of the file.
  static std::string configuration(const std::string& more = {}) {
    return R"({"image": "devenv/base:latest", "remoteUser": "dev",
      "onCreateCommand": "cat /proc/sys/kernel/random/uuid > /tmp/stamp; echo onCreate >> /tmp/hooks; echo 1 > made",
      "updateContentCommand": "echo updateContent >> /tmp/hooks; cat /tmp/stamp >> made",
      "postCreateCommand": "echo postCreate >> /tmp/hooks")" +
           (more.empty() ? "" : ", " + more) + "}";
  }
  /// Its address.
  static std::string repository(const std::string& name, const std::string& text) {
    make_project_repository(*home / "served/" + name + ".git", text);
    return server->url(name + ".git");
  }
  /// One more commit on its branch.
  static void commit(const std::string& name, const std::string& file, const std::string& text) {
    auto folder = *home / "served/" + name + ".git";
    put(folder + "/" + file, text);
    git(folder, {"add", "-A"});
    git(folder, {"commit", "-q", "-m", "More"});
    std::error_code ignored;
    // A minute is what the clone takes for now.
    for (const auto& mirror : std::filesystem::directory_iterator(home->paths().cache + "/mirrors", ignored))
      std::filesystem::remove(mirror.path() / "fetched", ignored);
  }
  static json::array prebuilds() {
    auto listed = home->devenv({"prebuild", "ls", "--json"});
    auto parsed = parse_json(listed.out, "devenv prebuild ls --json");
    EXPECT_TRUE(listed.status == 0 && parsed) << listed.err;
    return parsed && parsed->is_array() ? parsed->get_array() : json::array();
  }
  /// What `devenv` says of what must succeed; with more variables of the caller's.
  static std::string devenv(std::vector<std::string> words, std::map<std::string, std::string> more = {}) {
    words.insert(words.begin(), home->program("devenv"));
    auto done = run(home->command(std::move(words), std::move(more)), {}, std::chrono::seconds(60));
    EXPECT_TRUE(done && done->status == 0) << (done ? done->err : sentence(done.error()));
    return done ? done->out + done->err : "";
  }
  static json::value prebuild(std::vector<std::string> words) {
    words.insert(words.begin(), {"prebuild", "--json"});
    auto done = home->devenv(std::move(words));
    EXPECT_EQ(done.status, 0) << done.err << home->log();
    return parse_json(done.out, "devenv prebuild --json").value_or(nullptr);
  }
  /// When the environment's first hook ran: the same for those that began from one prebuild.
  static std::string stamp(const std::string& name) { return inside(name, "cat /tmp/stamp"); }
  /// Where sources of prebuilds lie.
  static std::string kept() { return home->paths().data + "/prebuilds"; }

  inline static std::unique_ptr<GitHttpServer> server;
};

}  // namespace photon::tests
