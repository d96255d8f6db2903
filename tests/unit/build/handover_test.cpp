// Layers that were handed over before are named, not written again.
#include "devenv/build/handover.hpp"

#include <gmock/gmock.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "devenv/core/digest.hpp"
#include "devenv/core/fd.hpp"
#include "devenv/core/process.hpp"
#include "devenv/image/document.hpp"
#include "tests/fixtures/temp_folder.hpp"
#include "tests/unit/image/folder_store.hpp"

namespace photon::build {
namespace {

namespace fs = std::filesystem;
using testing::SizeIs;

class HandoverTest : public testing::Test {
 protected:
  std::string path(const std::string& name) const { return folder_.path + "/" + name; }
  static std::string file_of(const std::string& layout, const std::string& digest) {
    return layout + "/blobs/sha256/" + digest.substr(7);
  }

  /// A tar with one file of that content.
  std::string layer(const std::string& content) {
    EXPECT_TRUE(write_file(path("file"), content, 0644));
    return run({.argv = {"tar", "-C", folder_.path, "--mtime=@0", "-cf", "-", "file"}}).value().out;
  }

  /// As buildah pushes: what it finds under its uncompressed name it takes for that, all else it compresses.
  /// Layers that it wrote.
  std::size_t push(const std::vector<std::string>& tars) {
    std::size_t written = 0;
    image::Manifest manifest;
    json::array ids;
    for (const auto& tar : tars) {
      auto id = sha256_digest(tar);
      ids.emplace_back(id);
      if (fs::exists(file_of(layout(), id))) {
        manifest.layers.push_back({std::string(image::media::oci_layer), id, 0, {}});
        continue;
      }
      auto small = run({.argv = {"gzip", "-nc"}}, tar).value().out;
      auto digest = sha256_digest(small);
      EXPECT_TRUE(write_file(file_of(layout(), digest), small));
      manifest.layers.push_back({std::string(image::media::oci_layer) + "+gzip", digest, small.size(), {}});
      ++written;
    }
    auto here = image::this_platform();
    auto config = write_json(json::object{{"os", here.os},
                                          {"architecture", here.architecture},
                                          {"config", json::object{{"User", "dev"}}},
                                          {"rootfs", json::object{{"type", "layers"}, {"diff_ids", ids}}}});
    manifest.config = {std::string(image::media::oci_config), sha256_digest(config), config.size(), {}};
    EXPECT_TRUE(write_file(file_of(layout(), manifest.config.digest), config));
    auto whole = image::write_manifest(manifest);
    engine::Descriptor target{
        std::string(image::media::oci_manifest), sha256_digest(whole), whole.size(), {}};
    EXPECT_TRUE(write_file(file_of(layout(), target.digest), whole));
    EXPECT_TRUE(write_file(
        layout() + "/index.json",
        write_json(json::object{{"schemaVersion", 2}, {"manifests", json::array{image::to_json(target)}}})));
    EXPECT_TRUE(write_file(layout() + "/oci-layout", R"({"imageLayoutVersion":"1.0.0"})"));
    return written;
  }
  std::string layout() const { return path("layout"); }

  /// Whole; layers that were written.
  std::size_t hand_over(const std::string& name, const std::vector<std::string>& tars) {
    Handover handover(path("known"), layout(), images_);
    auto opened = handover.open();
    EXPECT_TRUE(opened) << opened.error().message;
    auto written = push(tars);
    auto image = handover.close(name, {});
    EXPECT_TRUE(image) << sentence(image.error());
    EXPECT_EQ(image ? image->user : "", "dev");
    return written;
  }

  fixtures::TempFolder folder_;
  fixtures::FolderStore store_{folder_.path + "/store"};
  image::Images images_{store_, {}};
};

TEST_F(HandoverTest, OnlyWhatIsNewIsWritten) {
  auto base = layer("base");
  EXPECT_EQ(hand_over("localhost/built:1", {base, layer("one")}), 2U);
  EXPECT_EQ(hand_over("localhost/built:2", {base, layer("two")}), 1U);
  EXPECT_EQ(hand_over("localhost/built:3", {base, layer("two")}), 0U);
  EXPECT_EQ(store_.snapshots.size(), 3U);
  for (const char* name : {"localhost/built:1", "localhost/built:2", "localhost/built:3"}) {
    auto found = images_.find(name);
    ASSERT_TRUE(found) << name;
    EXPECT_TRUE(*found) << name;
  }
  EXPECT_THAT(images_.list().value(), SizeIs(3));
}

TEST_F(HandoverTest, WhatTheStoreHasLostIsWrittenAgain) {
  auto base = layer("base");
  hand_over("localhost/built:1", {base});
  ASSERT_TRUE(images_.remove("localhost/built:1"));
  ASSERT_TRUE(images_.gc());
  EXPECT_EQ(hand_over("localhost/built:1", {base}), 1U);
}

TEST_F(HandoverTest, ALayerThatGoesMeanwhileIsAFault) {
  auto base = layer("base");
  hand_over("localhost/built:1", {base});
  Handover handover(path("known"), layout(), images_);
  ASSERT_TRUE(handover.open());
  EXPECT_EQ(push({base}), 0U);
  ASSERT_TRUE(images_.remove("localhost/built:1"));
  ASSERT_TRUE(images_.gc());
  auto image = handover.close("localhost/built:2", {});
  ASSERT_FALSE(image);
  EXPECT_EQ(image.error().kind, Kind::corrupt);
}

TEST_F(HandoverTest, WhatBuildahDidNotWriteIsAFault) {
  Handover handover(path("known"), layout(), images_);
  ASSERT_TRUE(handover.open());
  EXPECT_FALSE(handover.close("localhost/built:1", {}));
  EXPECT_TRUE(write_file(layout() + "/index.json", R"({"schemaVersion": 2, "manifests": []})"));
  EXPECT_FALSE(handover.close("localhost/built:1", {}));
}

}  // namespace
}  // namespace photon::build
