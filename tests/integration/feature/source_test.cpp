// Where features come from: registries with and without a login, web servers, and all that can be wrong
// there.
#include "devenv/core/digest.hpp"
#include "tests/integration/feature/suite.hpp"

namespace photon::tests {
namespace {

using fixtures::DockerRegistry;
using fixtures::HttpAnswer;
using fixtures::HttpRequest;
using fixtures::Published;
using fixtures::TinyServer;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class FeatureSource : public FeatureTest {
 protected:
  static Published writes(const std::string& id, const std::string& more = {}) {
    return {fmt::format(R"({{"id": "{}", "version": "1.2.3"{}}})", id, more),
            fmt::format("echo {} >> /order", id)};
  }
  static std::string lock_of(const std::string& project) {
    return read_file(project + "/.devcontainer/devcontainer-lock.json").value_or("none");
  }
  /// `devenv up` that must fail and leave nothing behind.
  static std::string fault(const std::string& folder, int status) {
    auto done = home->devenv({"up"}, folder);
    EXPECT_EQ(done.status, status) << done.err;
    EXPECT_THAT(home->names(), IsEmpty());
    EXPECT_THAT(stored(), IsEmpty());
    return done.err;
  }
};

/// Requests that a registry has answered so far, by its own log.
std::size_t requests(const std::string& folder) {
  auto log = read_file(folder + "/registry.log").value_or("");
  std::size_t count = 0;
  for (std::size_t at = 0; (at = log.find(" /v2/", at)) != log.npos; ++at) ++count;
  return count;
}

TEST_F(FeatureSource, OfARegistryLockedAndThenWithoutARequest) {
  TemporaryFolder folder;
  DockerRegistry registry(folder.path());
  auto needed = publish(registry, "acme/features/base", "1", writes("base"));
  auto tools = publish(
      registry, "acme/features/tools", "1",
      writes("tools", fmt::format(R"(, "dependsOn": {{"{}/acme/features/base:1": {{}}}})", registry.host())));
  auto web = with_features("web", fmt::format(R"({{"{}/acme/features/tools:1": {{}}}})", registry.host()));
  auto pushed = requests(folder.path());
  up(web);
  EXPECT_EQ(inside("web", "cat /order"), "base\ntools\n");
  EXPECT_EQ(lock_of(web), fmt::format(R"({{
  "features": {{
    "{0}/acme/features/base:1": {{
      "version": "1.2.3",
      "resolved": "{0}/acme/features/base@{1}",
      "integrity": "{1}"
    }},
    "{0}/acme/features/tools:1": {{
      "version": "1.2.3",
      "resolved": "{0}/acme/features/tools@{2}",
      "integrity": "{2}",
      "dependsOn": [
        "{0}/acme/features/base:1"
      ]
    }}
  }}
}}
)",
                                      registry.host(), needed, tools));
  auto first = requests(folder.path());
  EXPECT_EQ(first - pushed, 4U) << "a manifest and a layer each";
  up(web);
  up(web, {"--recreate"});
  ASSERT_EQ(home->devenv({"stop", "web"}).status, 0);
  up(web);
  // Another repository with the same lock file, too.
  auto other =
      with_features("other", fmt::format(R"({{"{}/acme/features/tools:1": {{}}}})", registry.host()));
  write(other + "/.devcontainer/devcontainer-lock.json", lock_of(web));
  EXPECT_THAT(up(other), HasSubstr("cached"));
  EXPECT_EQ(inside("other", "cat /order"), "base\ntools\n");
  EXPECT_EQ(requests(folder.path()), first);
}

TEST_F(FeatureSource, WhatTheImagesLabelNamesByDigestIsNotInstalledAgain) {
  TemporaryFolder folder;
  DockerRegistry registry(folder.path());
  auto digest =
      publish(registry, "acme/tools", "1", writes("tools", R"(, "options": {"a": {"default": "1"}})"));
  auto name = fmt::format("{}/acme/tools", registry.host());
  const std::string image = *home / "prebuilt.tar";  // where devenv's user may read it
  make_small_image(image);
  put(folder.path() + "/etc/devenv-image.json",
      fmt::format(
          R"({{"labels": {{"devcontainer.metadata": "[{{\"id\": \"{}@{}\", \"remoteUser\": \"root\"}}]"}}}})",
          name, digest));
  must_run({"tar", "-C", folder.path(), "-rf", image, "etc/devenv-image.json"});
  auto imported = home->devenv({"image", "import", image, "--name", "acme/prebuilt:1"});
  ASSERT_EQ(imported.status, 0) << imported.err;
  auto config = R"({{"image": "acme/prebuilt:1", "features": {{"{}:1": {}}}}})";
  up(project("plain", fmt::format(fmt::runtime(config), name, "{}")));
  EXPECT_EQ(inside("plain", "cat /order 2>/dev/null || echo none"), "none\n");
  up(project("other", fmt::format(fmt::runtime(config), name, R"({"a": "2"})")));
  EXPECT_EQ(inside("other", "cat /order"), "tools\n") << "with which options it was installed is not known";
  ASSERT_EQ(home->devenv({"image", "rm", "acme/prebuilt:1"}).status, 0);
}

TEST_F(FeatureSource, ALockedVersionStaysWhenANewOneIsPublished) {
  TemporaryFolder folder;
  DockerRegistry registry(folder.path());
  auto old = publish(registry, "acme/tools", "1", writes("old"));
  auto web = with_features("web", fmt::format(R"({{"{}/acme/tools:1": {{}}}})", registry.host()));
  up(web);
  auto lock = lock_of(web);
  publish(registry, "acme/tools", "1", writes("new"));
  up(web, {"--recreate"});
  EXPECT_EQ(inside("web", "cat /order"), "old\n");
  EXPECT_EQ(lock_of(web), lock);
  std::filesystem::remove(web + "/.devcontainer/devcontainer-lock.json");
  up(web, {"--recreate"});
  EXPECT_EQ(inside("web", "cat /order"), "new\n");
  EXPECT_NE(lock_of(web), lock);
  // A digest in the file counts more than any lock.
  auto exact = with_features("exact", fmt::format(R"({{"{}/acme/tools@{}": {{}}}})", registry.host(), old));
  write(exact + "/.devcontainer/devcontainer-lock.json", lock_of(web));
  up(exact);
  EXPECT_EQ(inside("exact", "cat /order"), "old\n");
}

TEST_F(FeatureSource, WithALogin) {
  TemporaryFolder folder;
  DockerRegistry registry(folder.path(), "ada", "secret");
  publish(registry, "acme/tools", "1", writes("tools"));
  auto web = with_features("web", fmt::format(R"({{"{}/acme/tools:1": {{}}}})", registry.host()));
  auto refused = fault(web, 5);
  EXPECT_THAT(refused, AllOf(HasSubstr("asks for a login, and none was found"), HasSubstr("devenv login")));
  auto docker = home->folder() + "/user/.docker/config.json";
  write(docker, fmt::format(R"({{"auths": {{"{}": {{"auth": "{}"}}}}}})", registry.host(),
                            base64_encode("ada:secret")));
  up(web);
  EXPECT_EQ(inside("web", "cat /order"), "tools\n");
  std::filesystem::remove(docker);
}

TEST_F(FeatureSource, AnArchiveOfAWebServerAlsoBehindARedirect) {
  auto archive = fixtures::archive_of(writes("tools"));
  TinyServer server([&](const HttpRequest& request) -> HttpAnswer {
    if (request.target == "/old.tgz") return {302, {"Location: /devcontainer-feature-tools.tgz"}, ""};
    if (request.target == "/devcontainer-feature-tools.tgz") return {200, {}, archive};
    return {404, {}, "no"};
  });
  auto web = with_features("web", fmt::format(R"({{"http://{}/old.tgz": {{}}}})", server.host()));
  up(web);
  EXPECT_EQ(inside("web", "cat /order"), "tools\n");
  EXPECT_THAT(lock_of(web),
              AllOf(HasSubstr(fmt::format("\"resolved\": \"http://{}/old.tgz\"", server.host())),
                    HasSubstr(sha256_digest(archive))));
  up(web, {"--recreate"});
  EXPECT_THAT(server.requests(), SizeIs(2)) << "the redirect and the archive";
  archive = fixtures::archive_of(writes("other"));
  ASSERT_EQ(home->devenv({"rm", "--yes", "web"}).status, 0);
  ASSERT_EQ(home->devenv({"image", "gc"}).status, 0);
  EXPECT_THAT(fault(web, 8), HasSubstr("gives other bytes than sha256:"));
  std::filesystem::remove(web + "/.devcontainer/devcontainer-lock.json");
  EXPECT_THAT(fault(with_features("web", fmt::format(R"({{"http://{}/none.tgz": {{}}}})", server.host())), 3),
              HasSubstr("the server answered 404"));
}

TEST_F(FeatureSource, WrongBytesAreRefused) {
  TemporaryFolder folder;
  DockerRegistry registry(folder.path());
  publish(registry, "acme/tools", "1", writes("tools"));
  auto archive = fixtures::archive_of(writes("tools"));
  auto changed = archive;
  changed[600] = changed[600] == 'x' ? 'y' : 'x';
  put(registry.blob_file(sha256_digest(archive)), changed);
  auto web = with_features("web", fmt::format(R"({{"{}/acme/tools:1": {{}}}})", registry.host()));
  EXPECT_THAT(fault(web, 8), HasSubstr("gives other bytes than " + sha256_digest(archive)));
  write(web + "/.devcontainer/devcontainer-lock.json",
        fmt::format(R"({{"features": {{"{}/acme/tools:1": {{"integrity": "sha256:{:0>64}"}}}}}})",
                    registry.host(), 1));
  EXPECT_THAT(fault(web, 3), HasSubstr("does not have acme/tools@sha256:"));
}

TEST_F(FeatureSource, ARegistryThatIsAwayOrSendsWhatItShouldNot) {
  auto archive = fixtures::archive_of(writes("tools"));
  auto manifest = fixtures::manifest_of(archive);
  std::atomic<bool> endless = false;
  std::string host;
  {
    TinyServer server([&](const HttpRequest& request) -> HttpAnswer {
      if (request.target.find("/manifests/") != std::string::npos)
        return {200, {"Content-Type: application/vnd.oci.image.manifest.v1+json"}, manifest};
      return {200, {}, endless ? archive + std::string(4 << 20, 'x') : archive};
    });
    host = server.host();
    auto web = with_features("web", fmt::format(R"({{"{}/acme/tools:1": {{}}}})", host));
    endless = true;
    EXPECT_THAT(fault(web, 8), HasSubstr("gives other bytes than"));
    endless = false;
    manifest =
        R"({"schemaVersion":2,"config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:)" +
        std::string(64, 'a') + R"(","size":2},"layers":[]})";
    EXPECT_THAT(fault(web, 8), AllOf(HasSubstr("is no feature"), HasSubstr("devcontainer.json:1:")));
    auto evil = fixtures::tar_of({{"devcontainer-feature.json", R"({"id": "x"})"}, {"../../evil", "x"}});
    archive = evil;
    manifest = fixtures::manifest_of(evil);
    EXPECT_THAT(fault(web, 8), HasSubstr("leads out of its folder by ../../evil"));
    archive = fixtures::tar_of({{"install.sh", "true"}});
    manifest = fixtures::manifest_of(archive);
    EXPECT_THAT(fault(web, 8), HasSubstr("it holds no devcontainer-feature.json"));
  }
  EXPECT_THAT(fault(with_features("web", fmt::format(R"({{"{}/acme/tools:1": {{}}}})", host)), 6),
              HasSubstr(fmt::format("the registry {} does not answer", host)));
}

TEST_F(FeatureSource, WhatCannotBeAFeatureIsSaidWithItsPlace) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"tools": {}})", "it has no registry"},
      {R"({"../outside": {}})", "outside is not below .devcontainer"},
      {R"({"./none": {}})", "there is no folder .devcontainer/none"},
      {R"({"http://example.org/x.tgz": {}})", "an archive comes by https"}};
  for (const auto& [features, expected] : cases)
    EXPECT_THAT(fault(with_features("web", features), 2),
                AllOf(HasSubstr(expected), HasSubstr(".devcontainer/devcontainer.json:1:46: ")));
}

}  // namespace
}  // namespace photon::tests
