#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "devenv/core/digest.hpp"
#include "devenv/core/fd.hpp"
#include "devenv/core/json.hpp"
#include "devenv/core/process.hpp"
#include "devenv/image/image.hpp"
#include "tests/fixtures/temp_folder.hpp"
#include "tests/unit/image/folder_store.hpp"

namespace photon::image {
namespace {

void ok(const Result<void>& result) { ASSERT_TRUE(result) << result.error().message; }

/// A tar of a root file system with one file and, unless it is empty, settings.
class Import : public testing::Test {
 protected:
  std::string root_tar(const std::string& settings, std::vector<std::string> compress = {}) {
    ok(make_directories(folder.path + "/root/etc"));
    ok(write_file(folder.path + "/root/etc/hello", "hello"));
    if (!settings.empty()) ok(write_file(folder.path + "/root/etc/devenv-image.json", settings));
    std::string tar = folder.path + "/root.tar";
    shell({"tar", "--mtime=@0", "--sort=name", "-cf", tar, "-C", folder.path + "/root", "."});
    if (compress.empty()) return tar;
    compress.insert(compress.end(), {"-f", "-k", tar});
    shell(compress);
    return tar + (compress[0] == "zstd" ? ".zst" : compress[0] == "gzip" ? ".gz" : ".xz");
  }
  static void shell(const std::vector<std::string>& argv) {
    auto done = run({.argv = argv});
    ASSERT_TRUE(done) << done.error().message;
    ASSERT_EQ(done->status, 0) << done->err;
  }
  Result<std::vector<ImageConfig>> import(const std::string& path, const std::string& name) {
    return images.import(path, name, work);
  }

  fixtures::TempFolder folder;
  fixtures::FolderStore store{folder.path + "/store"};
  Images images{store, {}};
  Work work;
};

TEST_F(Import, ARootFileSystemBecomesAnImageThatIsFound) {
  for (const std::vector<std::string>& by : {std::vector<std::string>{}, {"gzip"}, {"zstd", "-q", "--rm"}}) {
    std::string tar = root_tar(R"({"user":"dev","env":["A=b"],"labels":{"k":"v"}})", by);
    auto imported = import(tar, "devenv/base");
    ASSERT_TRUE(imported) << imported.error().message;
    auto found = images.find("devenv/base:latest");
    ASSERT_TRUE(found && *found);
    EXPECT_EQ((*found)->user, "dev");
    EXPECT_EQ((*found)->env, std::vector<std::string>{"A=b"});
    EXPECT_EQ((*found)->labels.at("k"), "v");
    EXPECT_EQ((*found)->digest, imported->front().digest);
    EXPECT_TRUE(store.snapshots.contains((*found)->chain));
    EXPECT_TRUE(store.leases.empty());
    EXPECT_TRUE(store.uploads().empty());
  }
  EXPECT_EQ(store.unpacked, 1) << "the three files hold the same tar";
}

TEST_F(Import, TheLabelsLeadTheGarbageCollectionToEverything) {
  auto imported = import(root_tar(""), "devenv/base");
  ASSERT_TRUE(imported);
  auto labels = store.labels_of(imported->front().digest);
  ASSERT_EQ(labels.size(), 2U);
  auto config = store.labels_of(labels.at("containerd.io/gc.ref.content.0"));
  EXPECT_EQ(config.at("containerd.io/gc.ref.snapshot.folder"), imported->front().chain);
  EXPECT_EQ(store.labels_of(labels.at("containerd.io/gc.ref.content.1")).at("containerd.io/uncompressed"),
            imported->front().chain);
  EXPECT_EQ(images.gc().value(), 0U);
  ASSERT_TRUE(images.find("devenv/base").value());
  EXPECT_EQ(images.list().value().at(0).name, parse_reference("devenv/base")->text());
  std::uint64_t size = images.list().value().at(0).size;
  ASSERT_TRUE(images.remove("devenv/base"));
  EXPECT_EQ(images.gc().value(), size);
  EXPECT_FALSE(images.find("devenv/base").value());
}

TEST_F(Import, WhatCannotBeAnImageIsNamed) {
  EXPECT_EQ(import(root_tar(""), "").error().code, "image.name");
  EXPECT_EQ(import(root_tar("", {"xz"}), "a/b").error().code, "image.compression");
  EXPECT_EQ(import(folder.path + "/none", "a/b").error().kind, Kind::not_found);
  EXPECT_EQ(import(folder.path, "a/b").error().code, "image.archive");
  ok(write_file(folder.path + "/noise", std::string(4096, 'x')));
  EXPECT_EQ(import(folder.path + "/noise", "a/b").error().code, "image.archive");
  EXPECT_EQ(images.remove("devenv/bsae").error().kind, Kind::not_found);
}

/// The same root file system as `docker save` writes it.
std::string docker_archive(const std::string& folder, const std::string& tar, const std::string& diff_id) {
  std::string at = folder + "/docker";
  ok(make_directories(at));
  std::filesystem::copy_file(tar, at + "/layer.tar");
  ok(write_file(at + "/config.json",
                R"({"os":"linux","config":{"User":"1000","Cmd":["/bin/a"]},"rootfs":{"diff_ids":[")" +
                    diff_id + R"("]}})"));
  ok(write_file(at + "/manifest.json",
                R"([{"Config":"config.json","RepoTags":["acme/web:3"],"Layers":["layer.tar"]}])"));
  return at;
}

TEST_F(Import, ADockerArchiveBringsItsNameAndItsLayersAreChecked) {
  std::string tar = root_tar("");
  std::string at = docker_archive(folder.path, tar, sha256_digest(read_file(tar).value()));
  shell({"tar", "-cf", folder.path + "/saved.tar", "-C", at, "."});
  auto imported = import(folder.path + "/saved.tar", "");
  ASSERT_TRUE(imported) << imported.error().message;
  EXPECT_EQ(imported->front().name, parse_reference("acme/web:3")->text());
  EXPECT_EQ(imported->front().user, "1000");
  EXPECT_EQ(imported->front().cmd, std::vector<std::string>{"/bin/a"});
}

TEST_F(Import, ADockerArchiveWithOtherBytesThanItsConfigSaysIsCorrupt) {
  std::string at = docker_archive(folder.path, root_tar(""), "sha256:" + std::string(64, '1'));
  auto imported = import(at, "");
  ASSERT_FALSE(imported);
  EXPECT_EQ(imported.error().kind, Kind::corrupt);
  EXPECT_FALSE(images.find("acme/web:3").value());
}

/// An OCI layout of that root file system; returns the folder.
std::string oci_layout(const std::string& folder, const std::string& tar, const std::string& annotations) {
  std::string at = folder + "/layout";
  ok(make_directories(at + "/blobs/sha256"));
  auto blob = [&](const std::string& bytes) {
    ok(write_file(at + "/blobs/sha256/" + sha256_hex(bytes), bytes));
    return fmt::format(R"("digest":"{}","size":{})", sha256_digest(bytes), bytes.size());
  };
  std::string layer = read_file(tar).value();
  std::string config = blob(R"(  {"os":"linux","config":{"User":"me"},"rootfs":{"diff_ids":[")" +
                            sha256_digest(layer) + R"("]}})");
  std::string manifest = blob(fmt::format(
      R"({{"schemaVersion":2,"config":{{"mediaType":"c",{}}},"layers":[{{"mediaType":"{}",{}}}]}})", config,
      "application/vnd.oci.image.layer.v1.tar", blob(layer)));
  ok(write_file(at + "/oci-layout", R"({"imageLayoutVersion":"1.0.0"})"));
  ok(write_file(
      at + "/index.json",
      fmt::format(R"({{"schemaVersion":2,"manifests":[{{"mediaType":"{}",{},"annotations":{{{}}}}}]}})",
                  "application/vnd.oci.image.manifest.v1+json", manifest, annotations)));
  return at;
}

TEST_F(Import, AnOciLayoutIsReadFromAFolderAndFromAnArchive) {
  std::string at =
      oci_layout(folder.path, root_tar(""), R"("org.opencontainers.image.ref.name":"acme/web:4")");
  shell({"tar", "--zstd", "-cf", folder.path + "/saved.tar.zst", "-C", at, "."});
  for (const std::string& from : {at, folder.path + "/saved.tar.zst"}) {
    auto imported = import(from, "");
    ASSERT_TRUE(imported) << imported.error().message;
    EXPECT_EQ(imported->front().name, parse_reference("acme/web:4")->text());
    EXPECT_EQ(imported->front().user, "me");
    EXPECT_TRUE(images.find("acme/web:4").value());
    ASSERT_TRUE(images.remove("acme/web:4"));
    ASSERT_TRUE(images.gc());
  }
  EXPECT_EQ(import(at, "other:1")->front().name, parse_reference("other:1")->text());
}

TEST_F(Import, AnOciLayoutWithoutANameOrWithSpoiltBlobsIsRefused) {
  std::string at = oci_layout(folder.path, root_tar(""), "");
  EXPECT_EQ(import(at, "").error().code, "image.name");
  for (const auto& file : std::filesystem::directory_iterator(at + "/blobs/sha256")) {
    std::string good = read_file(file.path()).value();
    std::string bad = good;
    bad[bad.size() / 2] = bad[bad.size() / 2] == 'x' ? 'y' : 'x';
    ok(write_file(file.path(), bad));
    auto imported = import(at, "other:1");
    ASSERT_FALSE(imported) << file.path();
    EXPECT_EQ(imported.error().kind, Kind::corrupt) << imported.error().message;
    ok(write_file(file.path(), good));
  }
  EXPECT_TRUE(import(at, "other:1"));
}

TEST_F(Import, ADockerArchiveMayHaveSeveralNames) {
  std::string tar = root_tar("");
  std::string at = docker_archive(folder.path, tar, sha256_digest(read_file(tar).value()));
  ok(write_file(at + "/manifest.json",
                R"([{"Config":"config.json","RepoTags":["a/b:1","a/b:2"],"Layers":["layer.tar"]}])"));
  ASSERT_TRUE(import(at, ""));
  EXPECT_TRUE(images.find("a/b:1").value());
  EXPECT_TRUE(images.find("a/b:2").value());
}

}  // namespace
}  // namespace photon::image
