#include "devenv/feature/lock.hpp"

#include <gmock/gmock.h>

namespace photon::feature {
namespace {

const std::string digest_a = "sha256:" + std::string(64, 'a');
const std::string digest_b = "sha256:" + std::string(64, 'b');

TEST(FeatureLock, LiesBesideItsFile) {
  EXPECT_EQ(lock_path("/w/.devcontainer/devcontainer.json"), "/w/.devcontainer/devcontainer-lock.json");
  EXPECT_EQ(lock_path("/w/.devcontainer.json"), "/w/.devcontainer-lock.json");
  EXPECT_EQ(lock_path("/w/.devcontainer/api/devcontainer.json"),
            "/w/.devcontainer/api/devcontainer-lock.json");
}

TEST(FeatureLock, IsWrittenAsTheReferenceDoesAndReadBack) {
  Lock lock{
      {"example.org/b/two:1", {"1.0.3", "example.org/b/two@" + digest_b, digest_b, {"example.org/a/one"}}},
      {"example.org/a/One:2", {"2.1.0", "example.org/a/one@" + digest_a, digest_a, {}}},
      {"example.org/a/one:10", {"10.0.0", "example.org/a/one@" + digest_b, digest_b, {}}}};
  auto text = write_lock(lock);
  EXPECT_EQ(text, R"({
  "features": {
    "example.org/a/one:10": {
      "version": "10.0.0",
      "resolved": "example.org/a/one@)" +
                      digest_b + R"(",
      "integrity": ")" +
                      digest_b + R"("
    },
    "example.org/a/One:2": {
      "version": "2.1.0",
      "resolved": "example.org/a/one@)" +
                      digest_a + R"(",
      "integrity": ")" +
                      digest_a + R"("
    },
    "example.org/b/two:1": {
      "version": "1.0.3",
      "resolved": "example.org/b/two@)" +
                      digest_b + R"(",
      "integrity": ")" +
                      digest_b + R"(",
      "dependsOn": [
        "example.org/a/one"
      ]
    }
  }
}
)");
  EXPECT_EQ(parse_lock(text, "it").value(), lock);
}

TEST(FeatureLock, AnEmptyFileIsAnEmptyLock) {
  EXPECT_TRUE(parse_lock(" \n", "it").value().empty());
  EXPECT_TRUE(parse_lock(R"({"features": {}})", "it").value().empty());
}

TEST(FeatureLock, FaultsHaveTheirPlace) {
  const std::pair<const char*, const char*> cases[] = {
      {"[]", "it:1:1: \"features\" must be an object"},
      {R"({"features": 1})", "it:1:14: \"features\" must be an object"},
      {R"({"features": {"a": "b"}})", "it:1:20: \"a\" must be an object"},
      {R"({"features": {"a": {"integrity": "md5:1"}}})",
       "it:1:34: \"integrity\" must be sha256: and 64 digits"},
      {R"({"features": {"a": {"version": 1, "integrity": ""}}})", "it:1:32: \"version\" must be a text"}};
  for (const auto& [text, expected] : cases) {
    auto read = parse_lock(text, "it");
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(sentence(read.error()), expected);
  }
}

}  // namespace
}  // namespace photon::feature
