// What decides which layer a feature is.
#include <gmock/gmock.h>

#include "devenv/environment/builder.hpp"

namespace photon::environment {
namespace {

using testing::Contains;

image::ImageConfig image_of(const std::string& chain) {
  image::ImageConfig image;
  image.chain = chain;
  image.env = {"PATH=/bin", "A=b"};
  return image;
}

feature::Feature tools() {
  feature::Feature feature;
  feature.wish.id = "./tools";
  feature.digest = "sha256:" + std::string(64, 'a');
  feature.files = "/somewhere";
  feature.metadata.id = "tools";
  feature.metadata.container_env = {{"TOOLS", "/opt"}, {"PATH", "${TOOLS}:${PATH}"}};
  feature.options = {{"fooBar", "$HOME"}};
  return feature;
}

std::string key(image::ImageConfig image, const feature::Feature& feature,
                const Users& users = {"root", "dev"}) {
  return layers_of(image, {feature}, users).at(0).key;
}

TEST(Layers, StandOnEachOtherAndLeaveTheirEnvironmentBehind) {
  auto image = image_of("base");
  auto second = tools();
  second.metadata.container_env = {{"PATH", "/second:$PATH"}};
  auto layers = layers_of(image, {tools(), second}, {"root", "dev"});
  ASSERT_EQ(layers.size(), 2U);
  EXPECT_EQ(layers[0].parent, "base");
  EXPECT_EQ(layers[1].parent, layers[0].key);
  EXPECT_EQ(image.chain, layers[1].key);
  EXPECT_THAT(image.env, testing::ElementsAre("PATH=/second:/opt:/bin", "A=b", "TOOLS=/opt"))
      << "no options, no users: they are for the install alone";
  EXPECT_THAT(layers[0].env,
              testing::IsSupersetOf({"PATH=/opt:/bin", "TOOLS=/opt", "FOOBAR=$HOME", "_REMOTE_USER=dev",
                                     "_CONTAINER_USER=root", "HOME=/root"}));
  EXPECT_THAT(layers[1].env, Contains("PATH=/second:/opt:/bin"));
}

TEST(Layers, AreTheSameForTheSameAndOthersForAnyDifference) {
  auto same = key(image_of("base"), tools());
  EXPECT_THAT(same, testing::StartsWith("feature-"));
  auto elsewhere = tools();
  elsewhere.files = "/elsewhere";
  elsewhere.wish.id = "./by-another-name";
  EXPECT_EQ(key(image_of("base"), elsewhere), same);
  EXPECT_NE(key(image_of("other"), tools()), same);
  EXPECT_NE(key(image_of("base"), tools(), {"root", "root"}), same);
  EXPECT_NE(key(image_of("base"), tools(), {"dev", "dev"}), same);
  auto other = tools();
  other.options["fooBar"] = "x";
  EXPECT_NE(key(image_of("base"), other), same);
  other = tools();
  other.digest = "sha256:" + std::string(64, 'b');
  EXPECT_NE(key(image_of("base"), other), same);
  auto image = image_of("base");
  image.env.emplace_back("MORE=1");
  EXPECT_NE(key(image, tools()), same);
}

TEST(Layers, UsersAreThoseOfThePlanThenOfTheImage) {
  spec::Plan plan;
  image::ImageConfig image;
  EXPECT_EQ(users_of(plan, image).remote, "root");
  image.user = "dev:staff";
  EXPECT_EQ(users_of(plan, image).container, "dev");
  EXPECT_EQ(users_of(plan, image).remote, "dev");
  plan.container_user = "1000:1000";
  EXPECT_EQ(users_of(plan, image).remote, "1000");
  plan.remote_user = "ada";
  EXPECT_EQ(users_of(plan, image).container, "1000");
  EXPECT_EQ(users_of(plan, image).remote, "ada");
}

}  // namespace
}  // namespace photon::environment
