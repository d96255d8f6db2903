// The lock file: what is written, what counts as a change, what it refuses.
#include "devenv/spec/reference/lock.hpp"

#include "tests/unit/reference/build.hpp"

namespace photon::spec::reference {
namespace {

constexpr const char* sets = R"({"featureSets":[
  {"sourceInformation":{"type":"oci","featureRef":{"registry":"r.example","path":"n/b"},"userFeatureId":"r.example/n/b:1"},
   "features":[{"id":"b","version":"1.2.0","dependsOn":{"r.example/n/a":{}}}],"computedDigest":"sha256:bb"},
  {"sourceInformation":{"type":"file-path","userFeatureId":"./l"},"features":[{"id":"l"}]},
  {"sourceInformation":{"type":"direct-tarball","tarballUri":"https://h.example/devcontainer-feature-t.tgz",
    "userFeatureId":"https://h.example/devcontainer-feature-t.tgz"},"features":[{"id":"t"}],"computedDigest":"sha256:tt"},
  {"sourceInformation":{"type":"oci","featureRef":{"registry":"r.example","path":"n/a"},"userFeatureId":"r.example/n/a"},
   "features":[{"id":"a","version":"2","dependsOn":{}}],"computedDigest":"sha256:aa"}]})";

TEST(Lock, LiesBesideTheConfiguration) {
  EXPECT_EQ(lock_path("/w/.devcontainer/devcontainer.json"), "/w/.devcontainer/devcontainer-lock.json");
  EXPECT_EQ(lock_path("/w/.devcontainer.json"), "/w/.devcontainer-lock.json");
}

TEST(Lock, HasWhatWasResolvedInOrder) {
  EXPECT_EQ(
      write(make_lock(json(sets))),
      R"({"features":{"https://h.example/devcontainer-feature-t.tgz":{"resolved":"https://h.example/devcontainer-feature-t.tgz","integrity":"sha256:tt"},)"
      R"("r.example/n/a":{"version":"2","resolved":"r.example/n/a@sha256:aa","integrity":"sha256:aa"},)"
      R"("r.example/n/b:1":{"version":"1.2.0","resolved":"r.example/n/b@sha256:bb","integrity":"sha256:bb","dependsOn":["r.example/n/a"]}}})");
}

TEST(Lock, LeavesOutAdditionalFeatures) {
  auto lock = make_lock(json(sets), json(R"({"features":{"r.example/n/b:1":{}}})"),
                        json(R"({"r.example/n/b:1":{},"r.example/n/a":{}})"));
  EXPECT_FALSE(lock.at("features").object()->has("r.example/n/a"));
  EXPECT_TRUE(lock.at("features").object()->has("r.example/n/b:1"));
}

TEST(Lock, AnEmptyFileAsksForANewOne) {
  EXPECT_FALSE(read_lock(std::nullopt, "l").value());
  EXPECT_FALSE(read_lock(" \n\t", "l").value());
  EXPECT_EQ(write(*read_lock(R"({"features":{}})", "l").value()), R"({"features":{}})");
  auto broken = read_lock("{,}", "/w/l.json");
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().where->file, "/w/l.json");
}

TEST(Lock, LayoutIsNoChange) {
  auto lock = json(R"({"features":{"b":{"x":1}}})");
  EXPECT_FALSE(changed_lock(lock, R"({ "features" : {"b":{"x":1.0}} })", LockRule::write).value());
  EXPECT_FALSE(changed_lock(lock, R"({"features":{"b":{"x":1}}})", LockRule::frozen).value());
  EXPECT_EQ(*changed_lock(lock, "", LockRule::write).value(),
            "{\n  \"features\": {\n    \"b\": {\n      \"x\": 1\n    }\n  }\n}\n");
  EXPECT_TRUE(changed_lock(lock, "no JSON", LockRule::write).value());
  EXPECT_FALSE(changed_lock(lock, std::nullopt, LockRule::none).value());
}

TEST(Lock, AFrozenOneStays) {
  auto lock = json(R"({"features":{}})");
  auto missing = changed_lock(lock, std::nullopt, LockRule::frozen);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().message, "Lockfile does not exist.");
  for (const char* other : {"", R"({"features":{"a":{}}})"}) {
    auto changed = changed_lock(lock, other, LockRule::frozen);
    ASSERT_FALSE(changed) << other;
    EXPECT_EQ(changed.error().message, "Lockfile does not match.");
  }
}

}  // namespace
}  // namespace photon::spec::reference
