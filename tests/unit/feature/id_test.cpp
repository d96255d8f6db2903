#include "devenv/feature/id.hpp"

#include <gmock/gmock.h>

namespace photon::feature {
namespace {

using testing::HasSubstr;

Result<Id> parsed(const std::string& text, const std::string& folder = ".devcontainer") {
  return parse_id(text, folder, image::RegistryOptions{});
}
std::string fault(const std::string& text, const std::string& folder = ".devcontainer") {
  auto id = parsed(text, folder);
  return id ? "no fault" : sentence(id.error());
}

TEST(FeatureId, ARegistrysNameWithTagOrDigest) {
  auto id = parsed("Registry.Example.org/Acme/Tools:1.2");
  ASSERT_TRUE(id) << id.error().message;
  EXPECT_EQ(id->sort, Sort::registry);
  EXPECT_EQ(id->resource, "registry.example.org/acme/tools") << "features are published in lower case";
  EXPECT_EQ(id->reference.tag, "1.2");
  EXPECT_EQ(id->text, "Registry.Example.org/Acme/Tools:1.2") << "as the lock file names it";
  EXPECT_EQ(parsed("localhost:5000/a/b")->reference.tag, "latest");
  auto digest = "sha256:" + std::string(64, 'a');
  EXPECT_EQ(parsed("example.org/a/b@" + digest)->reference.digest, digest);
}

TEST(FeatureId, ANameWithoutARegistryIsOneOfTheOldOnesOrAFault) {
  auto old = parsed("golang");
  ASSERT_TRUE(old);
  EXPECT_THAT(old->resource, testing::EndsWith("/devcontainers/features/go"));
  EXPECT_EQ(old->reference.tag, "1");
  EXPECT_THAT(parsed("common")->resource, testing::EndsWith("/common-utils"));
  EXPECT_THAT(fault("tools"), HasSubstr("it has no registry"));
  EXPECT_EQ(parsed("tools").error().hint, "a local one is written as ./tools");
  EXPECT_THAT(fault("acme/tools"), HasSubstr("\"acme\" is no registry"));
  EXPECT_THAT(fault(""), HasSubstr("it is empty"));
  EXPECT_THAT(fault("example.org/Ä"), HasSubstr("names no feature"));
}

TEST(FeatureId, ArchivesComeByHttpsButFromThisMachine) {
  auto id = parsed("https://example.org/devcontainer-feature-tools.tgz");
  ASSERT_TRUE(id);
  EXPECT_EQ(id->sort, Sort::archive);
  EXPECT_EQ(id->resource, "https://example.org/devcontainer-feature-tools.tgz");
  EXPECT_TRUE(parsed("http://127.0.0.1:81/tools.tgz"));
  EXPECT_THAT(fault("http://example.org/tools.tgz"), HasSubstr("an archive comes by https"));
  EXPECT_THAT(fault("https://ada:secret@example.org/t.tgz"), HasSubstr("it holds a login"));
  EXPECT_THAT(fault("https://"), HasSubstr("it is no address"));
}

TEST(FeatureId, LocalOnesLieBelowDevcontainer) {
  EXPECT_EQ(parsed("./tools")->resource, ".devcontainer/tools");
  EXPECT_EQ(parsed("../.devcontainer/./a//b")->resource, ".devcontainer/a/b");
  EXPECT_EQ(parsed("./.devcontainer/tools", "")->resource, ".devcontainer/tools");
  EXPECT_EQ(parsed("../tools", ".devcontainer/api")->resource, ".devcontainer/tools");
  EXPECT_THAT(fault("./tools", ""), HasSubstr("tools is not below .devcontainer"));
  EXPECT_THAT(fault("../tools"), HasSubstr("tools is not below .devcontainer"));
  EXPECT_THAT(fault("../../tools"), HasSubstr("outside of the workspace"));
  EXPECT_THAT(fault("/tools"), HasSubstr("from devcontainer.json on"));
  EXPECT_THAT(fault("./."), HasSubstr("not below .devcontainer"));
}

}  // namespace
}  // namespace photon::feature
