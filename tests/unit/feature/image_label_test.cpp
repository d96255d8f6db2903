// devcontainer.metadata of an image that is built: to the letter of the reference's.
#include <gtest/gtest.h>

#include "devenv/core/fd.hpp"
#include "devenv/feature/image_label.hpp"
#include "tests/fixtures/temp_folder.hpp"

namespace photon::feature {
namespace {

class ImageLabel : public testing::Test {
 protected:
  Feature feature(const std::string& id, const std::string& said) {
    Feature made;
    made.wish.id = id;
    made.files = folder.path + "/" + std::to_string(++count);
    EXPECT_TRUE(make_directories(made.files));
    EXPECT_TRUE(write_file(made.files + "/" + metadata_file, said));
    return made;
  }
  std::string label(LabelParts parts) {
    auto made = image_label(parts);
    EXPECT_TRUE(made) << made.error().message;
    return made.value_or("");
  }

  fixtures::TempFolder folder;
  int count = 0;
};

TEST_F(ImageLabel, IsTheListThatADockerfileWouldGive) {
  std::vector<Feature> features{
      feature("./one",
              R"({"id": "one", "version": "1", "mounts": ["a"], "postCreateCommand": "x", "init": true})"),
      feature("./two", R"({"id": "two", // nothing that counts
                          "name": "n"})")};
  EXPECT_EQ(
      label(
          {R"({"remoteUser":"dev"})", features,
           R"({"image": "x", "remoteEnv": {"A": null, "N": "$n"}, "capAdd": ["B",], "postCreateCommand": "y"})"}),
      R"([ {"remoteUser":"dev"}, {"id":"./one","postCreateCommand":"x","init":true,"mounts":["a"]}, )"
      R"({"id":"./two"}, {"postCreateCommand":"y","capAdd":["B"],"remoteEnv":{"A":null,"N":"$n"}} ])");
}

TEST_F(ImageLabel, SaysNothingWhereNothingIsSaid) {
  EXPECT_EQ(label({"", {}, R"({"image": "x", "name": "n"})"}), "");
  EXPECT_EQ(label({"", {}, ""}), "");
  EXPECT_EQ(label({"broken", {}, "{}"}), "");
}

TEST_F(ImageLabel, CustomizationsOfFeaturesMayBeLeftOut) {
  std::vector<Feature> features{feature("./one", R"({"customizations": {"t": 1}, "extensions": ["e"]})")};
  EXPECT_EQ(label({"", features, R"({"customizations": {"t": 2}})", true}),
            R"([ {"id":"./one"}, {"customizations":{"t":2}} ])");
}

}  // namespace
}  // namespace photon::feature
