#include "tests/integration/containerd/fixture.hpp"

#include "devenv/core/digest.hpp"

namespace photon::engine {
namespace {

using namespace std::chrono_literals;

class Images : public ContainerdTest {};

constexpr char plain_tar[] = "application/vnd.oci.image.layer.v1.tar";

TEST_F(Images, AnUploadResumes) {
  std::string bytes(3 << 20, 'a');
  bytes += "resume";
  const std::string digest = sha256_digest(bytes);
  {
    auto writer = images().write_blob("resume", bytes.size(), digest, lease);
    ASSERT_OK(writer);
    EXPECT_EQ((*writer)->offset(), 0U);
    ASSERT_OK((*writer)->write(std::string_view(bytes).substr(0, 1 << 20)));
    EXPECT_EQ((*writer)->offset(), 1U << 20);
  }
  EXPECT_FALSE(images().blob(digest)->has_value());
  auto writer = images().write_blob("resume", bytes.size(), digest, lease);
  ASSERT_OK(writer);
  EXPECT_EQ((*writer)->offset(), 1U << 20);
  ASSERT_OK((*writer)->write(std::string_view(bytes).substr(1 << 20)));
  ASSERT_OK((*writer)->commit(bytes.size(), digest, {{"a.b/c", "1"}}));
  const auto blob = images().blob(digest);
  ASSERT_OK(blob);
  ASSERT_TRUE(blob->has_value());
  EXPECT_EQ((*blob)->size, bytes.size());
  EXPECT_EQ((*blob)->labels.at("a.b/c"), "1");
  const auto read = images().read_blob(digest, bytes.size());
  ASSERT_OK(read);
  EXPECT_TRUE(*read == bytes);
  EXPECT_FALSE(images().read_blob(digest, 100));
}

TEST_F(Images, TruncateStartsAgain) {
  const std::string bytes = "the right bytes";
  const std::string digest = sha256_digest(bytes);
  auto writer = images().write_blob("truncate", bytes.size(), digest, lease);
  ASSERT_OK(writer);
  ASSERT_OK((*writer)->write("wrong"));
  ASSERT_OK((*writer)->truncate());
  EXPECT_EQ((*writer)->offset(), 0U);
  ASSERT_OK((*writer)->write(bytes));
  ASSERT_OK((*writer)->commit(bytes.size(), digest, {}));
}

TEST_F(Images, WrongBytesAreRefusedAndForgotten) {
  const std::string bytes = "what was promised";
  const std::string digest = sha256_digest(bytes);
  auto writer = images().write_blob("wrong", bytes.size(), digest, lease);
  ASSERT_OK(writer);
  ASSERT_OK((*writer)->write("what was deliver!"));
  auto kept = (*writer)->commit(bytes.size(), digest, {});
  ASSERT_FALSE(kept);
  EXPECT_EQ(kept.error().kind, Kind::corrupt);
  EXPECT_FALSE(images().blob(digest)->has_value());
  writer = images().write_blob("wrong", bytes.size(), digest, lease);
  ASSERT_OK(writer);
  EXPECT_EQ((*writer)->offset(), 0U);
  ASSERT_OK((*writer)->write("short"));
  kept = (*writer)->commit(bytes.size(), digest, {});
  ASSERT_FALSE(kept);
  EXPECT_EQ(kept.error().kind, Kind::corrupt);
}

TEST_F(Images, ABlobThatIsThereIsFine) {
  const std::string bytes = "twice";
  const std::string digest = sha256_digest(bytes);
  for (int i = 0; i < 2; ++i) {
    auto writer = images().write_blob("twice-" + std::to_string(i), bytes.size(), digest, lease);
    ASSERT_OK(writer);
    EXPECT_EQ((*writer)->offset(), i == 0 ? 0U : bytes.size());
    ASSERT_OK((*writer)->write(std::string_view(bytes).substr((*writer)->offset())));
    ASSERT_OK((*writer)->commit(bytes.size(), digest, {{"round", std::to_string(i)}}));
  }
  EXPECT_EQ((*images().blob(digest))->labels.at("round"), "1");
}

TEST_F(Images, LabelsAreMerged) {
  const std::string bytes = "labelled";
  const std::string digest = sha256_digest(bytes);
  auto writer = images().write_blob("labels", bytes.size(), digest, lease);
  ASSERT_OK(writer);
  ASSERT_OK((*writer)->write(bytes));
  ASSERT_OK((*writer)->commit(bytes.size(), digest, {{"one", "1"}}));
  ASSERT_OK(images().label_blob(digest, {{"two.x/y", "2"}}));
  const auto labels = (*images().blob(digest))->labels;
  EXPECT_EQ(labels.at("one"), "1");
  EXPECT_EQ(labels.at("two.x/y"), "2");
}

TEST_F(Images, UnpacksEveryCompression) {
  struct Case {
    const char* program;
    const char* media_type;
  };
  const std::vector<Case> cases = {{"", plain_tar},
                                   {"gzip", "application/vnd.oci.image.layer.v1.tar+gzip"},
                                   {"zstd", "application/vnd.oci.image.layer.v1.tar+zstd"}};
  std::string parent = base;
  for (const Case& one : cases) {
    const std::string name = std::string("from-") + (*one.program ? one.program : "tar");
    const std::string tar = tar_of({{name, name + "\n", '0', 0644}});
    const std::string chain = "test/" + name;
    const auto diff =
        add_layer(*one.program ? compressed(one.program, tar) : tar, one.media_type, parent, chain);
    ASSERT_OK(diff);
    EXPECT_EQ(*diff, sha256_digest(tar));
    EXPECT_TRUE(images().has_snapshot(chain).value_or(false));
    parent = chain;
  }
  ContainerSpec wanted = spec("layers", "trap 'exit 0' TERM; while :; do sleep 0.05; done");
  wanted.parent = parent;
  ASSERT_OK(engine().run(wanted, {}));
  EXPECT_EQ(in("layers", shell("cat /from-tar /from-gzip /from-zstd")).first,
            "from-tar\nfrom-gzip\nfrom-zstd\n");
}

TEST_F(Images, UnpackAgainGivesTheSameDiff) {
  const std::string tar = tar_of({{"again", "again", '0', 0644}});
  const auto first = add_layer(tar, plain_tar, base, "test/again");
  ASSERT_OK(first);
  const auto second = add_layer(tar, plain_tar, base, "test/again");
  ASSERT_OK(second);
  EXPECT_EQ(*first, *second);
}

TEST_F(Images, ABrokenLayerLeavesNoSnapshot) {
  const auto diff =
      add_layer("this is no gzip", "application/vnd.oci.image.layer.v1.tar+gzip", base, "test/broken");
  ASSERT_FALSE(diff);
  EXPECT_FALSE(images().has_snapshot("test/broken").value_or(true));
}

TEST_F(Images, RecordsAreReplaced) {
  const std::string bytes = "{}";
  const std::string digest = sha256_digest(bytes);
  auto writer = images().write_blob("manifest", bytes.size(), digest, lease);
  ASSERT_OK(writer);
  ASSERT_OK((*writer)->write(bytes));
  ASSERT_OK((*writer)->commit(bytes.size(), digest, {}));
  ImageRecord record{
      "localhost/one:1", {"application/vnd.oci.image.manifest.v1+json", digest, 2}, {{"a", "1"}}};
  ASSERT_OK(images().put_image(record));
  record.labels = {{"b", "2"}};
  ASSERT_OK(images().put_image(record));
  const auto found = images().image("localhost/one:1");
  ASSERT_OK(found);
  ASSERT_TRUE(found->has_value());
  EXPECT_EQ((*found)->target, record.target);
  EXPECT_EQ((*found)->labels, record.labels);
  EXPECT_EQ(images().images()->size(), 1U);
  ASSERT_OK(images().remove_image("localhost/one:1"));
  ASSERT_OK(images().remove_image("localhost/one:1"));
  EXPECT_FALSE(images().image("localhost/one:1")->has_value());
}

TEST_F(Images, CollectionTakesWhatNobodyHolds) {
  const auto mine = images().new_lease();
  ASSERT_OK(mine);
  const std::string bytes = "held for a while";
  const std::string digest = sha256_digest(bytes);
  auto writer = images().write_blob("held", bytes.size(), digest, *mine);
  ASSERT_OK(writer);
  ASSERT_OK((*writer)->write(bytes));
  ASSERT_OK((*writer)->commit(bytes.size(), digest, {}));
  ASSERT_OK(images().collect());
  EXPECT_TRUE(images().blob(digest)->has_value());
  ASSERT_OK(images().drop_lease(*mine));
  ASSERT_OK(images().collect());
  EXPECT_FALSE(images().blob(digest)->has_value());
  EXPECT_TRUE(images().has_snapshot(base).value_or(false));
}

}  // namespace
}  // namespace photon::engine
