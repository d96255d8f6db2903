// An image upon another one: what is added, what is kept, and the way through an archive.
#include <fcntl.h>
#include <gmock/gmock.h>

#include <boost/json/array.hpp>

#include "devenv/core/digest.hpp"
#include "devenv/core/fd.hpp"
#include "devenv/core/json.hpp"
#include "devenv/core/process.hpp"
#include "devenv/image/image.hpp"
#include "tests/fixtures/temp_folder.hpp"
#include "tests/unit/image/folder_store.hpp"

namespace photon::image {
namespace {

using testing::ElementsAre;

class Extend : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(images.import(tar("root"), "localhost/base:1", {}));
    auto layer = read_file(tar("layer")).value();
    auto digest = sha256_digest(layer);
    auto writer = store.write_blob("layer", layer.size(), digest, "").value();
    ASSERT_TRUE(writer->write(layer));
    ASSERT_TRUE(writer->commit(layer.size(), digest, {}));
    store.layers["key"] = {{"application/vnd.oci.image.layer.v1.tar", digest, layer.size(), {}}, digest};
  }

  /// A tar with one file of that name.
  std::string tar(const std::string& name) {
    auto below = folder.path + "/" + name;
    EXPECT_TRUE(make_directories(below));
    EXPECT_TRUE(write_file(below + "/" + name, name));
    auto path = below + ".tar";
    EXPECT_EQ(run({.argv = {"tar", "-cf", path, "-C", below, "."}}).value().status, 0);
    return path;
  }

  json::value config_of(const std::string& name) {
    auto contents = images.contents(name).value();
    return parse_json(store.read_blob(contents->config.digest, 1 << 20).value(), "config").value();
  }

  fixtures::TempFolder folder;
  fixtures::FolderStore store{folder.path + "/store"};
  Images images{store, {}};
};

TEST_F(Extend, LayersAndWordsComeOnTop) {
  Extension extension{{{"key", "a feature"}}, {"A=b"}, "dev", {{"one", "1"}}, "the key"};
  auto made = images.extend("localhost/base:1", extension, "localhost/more:1", {});
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->user, "dev");
  EXPECT_THAT(made->env, ElementsAre("A=b"));
  EXPECT_EQ(made->labels.at("one"), "1");
  EXPECT_EQ(images.contents("localhost/more:1").value()->layers.size(), 2U);
  auto history = config_of("localhost/more:1").at("history").as_array();
  ASSERT_EQ(history.size(), 3U);
  EXPECT_EQ(text_or(history[1], "created_by"), "a feature");
  EXPECT_TRUE(flag_or(history[2], "empty_layer"));
  // The one below is as it was.
  EXPECT_EQ(images.contents("localhost/base:1").value()->layers.size(), 1U);
  // It is found by its key, and not by another one.
  EXPECT_EQ(images.find_extended("the key").value()->digest, made->digest);
  EXPECT_FALSE(images.find_extended("another key").value());
}

TEST_F(Extend, OneImageHasSeveralNames) {
  ASSERT_TRUE(images.name("localhost/base:1", "localhost/other:2"));
  EXPECT_EQ(images.find("localhost/other:2").value()->digest,
            images.find("localhost/base:1").value()->digest);
  ASSERT_TRUE(images.remove("localhost/base:1"));
  EXPECT_TRUE(images.find("localhost/other:2").value());
  EXPECT_EQ(images.name("localhost/none:1", "localhost/x:1").error().kind, Kind::not_found);
}

TEST_F(Extend, AnArchiveHasAllOfIt) {
  Extension extension{{{"key", "a feature"}}, {}, "", {}, "k"};
  auto made = images.extend("localhost/base:1", extension, "localhost/more:1", {}).value();
  auto path = folder.path + "/saved.tar";
  auto file = open_fd(path, O_WRONLY | O_CREAT | O_EXCL).value();
  auto saved = images.save("localhost/more:1", file.get(), {});
  ASSERT_TRUE(saved) << saved.error().message;
  fixtures::FolderStore empty(folder.path + "/another");
  Images others(empty, {});
  auto read = others.import(path, "", {});
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->front().name, "localhost/more:1");
  EXPECT_EQ(read->front().digest, made.digest);
}

TEST_F(Extend, WhatIsIncompleteIsSaid) {
  auto layer = images.contents("localhost/base:1").value()->layers[0].digest;
  std::filesystem::remove(folder.path + "/store/blobs/" + layer);
  auto made = images.extend("localhost/base:1", {}, "localhost/more:1", {});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, "image.incomplete");
}

}  // namespace
}  // namespace photon::image
