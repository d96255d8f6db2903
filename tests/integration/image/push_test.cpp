// What is given to a registry: blobs, manifests under several tags, and what it has afterwards.
#include <gmock/gmock.h>

#include "devenv/core/digest.hpp"
#include "devenv/image/document.hpp"
#include "devenv/image/registry.hpp"
#include "tests/fixtures/temp_folder.hpp"
#include "tests/integration/image/docker_registry.hpp"
#include "tests/integration/image/tiny_server.hpp"

namespace photon::image {
namespace {

Registry registry_of(const std::string& host, const std::string& repository, Login login = {}) {
  return {{host, "http://" + host}, repository, "", [login](const std::string&) -> Result<Login> {
            return login;
          }};
}

TEST(Push, WhatWasGivenIsThere) {
  fixtures::TempFolder folder;
  fixtures::DockerRegistry server(folder.path);
  auto registry = registry_of(server.host(), "team/thing");
  std::string config = "{}", layer(3 << 20, 'x');
  EXPECT_FALSE(registry.has_blob(sha256_digest(layer), {}).value());
  ASSERT_TRUE(registry.push_blob(sha256_digest(config), config, {}));
  auto pushed = registry.push_blob(sha256_digest(layer), layer, {});
  ASSERT_TRUE(pushed) << pushed.error().message;
  EXPECT_TRUE(registry.has_blob(sha256_digest(layer), {}).value());
  auto manifest = write_manifest({{"application/x", sha256_digest(config), config.size(), {}},
                                  {{"application/y", sha256_digest(layer), layer.size(), {}}}});
  for (const char* tag : {"1.0.0", "1", "latest"}) {
    auto tagged = registry.push_manifest(tag, media::oci_manifest, manifest, {});
    ASSERT_TRUE(tagged) << tagged.error().message;
  }
  EXPECT_THAT(registry.tags({}).value(), testing::UnorderedElementsAre("1.0.0", "1", "latest"));
  EXPECT_EQ(registry.manifest("1", {}).value().digest, sha256_digest(manifest));
}

TEST(Push, OtherBytesThanTheDigestSaysAreRefused) {
  fixtures::TempFolder folder;
  fixtures::DockerRegistry server(folder.path);
  auto registry = registry_of(server.host(), "team/thing");
  EXPECT_FALSE(registry.push_blob(sha256_digest("a"), "b", {}));
  EXPECT_FALSE(registry.push_manifest("1", media::oci_manifest, "no manifest", {}));
}

TEST(Push, ALoginIsNeededWhereTheRegistryWantsOne) {
  fixtures::TempFolder folder;
  fixtures::DockerRegistry server(folder.path, "ada", "secret");
  auto nobody = registry_of(server.host(), "team/thing");
  auto refused = nobody.push_blob(sha256_digest("a"), "a", {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, Kind::denied);
  auto ada = registry_of(server.host(), "team/thing", {"ada", Secret("secret")});
  EXPECT_TRUE(ada.push_blob(sha256_digest("a"), "a", {}));
}

TEST(Push, TagsOfWhatIsNotThere) {
  fixtures::TempFolder folder;
  fixtures::DockerRegistry server(folder.path);
  auto tags = registry_of(server.host(), "team/none").tags({});
  ASSERT_FALSE(tags);
  EXPECT_EQ(tags.error().kind, Kind::not_found);
}

TEST(Watch, MayForbidALogin) {
  fixtures::TempFolder folder;
  fixtures::DockerRegistry server(folder.path, "ada", "secret");
  auto registry = registry_of(server.host(), "team/thing", {"ada", Secret("secret")});
  std::vector<std::string> seen;
  AuthWatch watch;
  watch.challenged = [&](const std::string& asked, const std::string& challenger,
                         const std::string& realm) -> Result<void> {
    seen = {asked, challenger, realm};
    return fail(Kind::denied, "test", "not to this one");
  };
  registry.watch(std::move(watch));
  auto tags = registry.tags({});
  ASSERT_FALSE(tags);
  EXPECT_EQ(tags.error().message, "not to this one");
  auto address = "http://" + server.host() + "/v2/team/thing/tags/list";
  EXPECT_EQ(seen, (std::vector<std::string>{address, address, ""}));
}

}  // namespace
}  // namespace photon::image
