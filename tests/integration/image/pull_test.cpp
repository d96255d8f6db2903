// Pulling from a real registry.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <mutex>
#include <random>

#include "devenv/core/digest.hpp"
#include "devenv/image/document.hpp"
#include "devenv/image/image.hpp"
#include "tests/fixtures/free_port.hpp"
#include "tests/fixtures/temp_folder.hpp"
#include "tests/integration/image/docker_registry.hpp"
#include "tests/integration/image/tiny_server.hpp"
#include "tests/unit/image/folder_store.hpp"

namespace photon::image {
namespace {

std::string noise(std::size_t size, unsigned seed) {
  std::mt19937 random(seed);
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

class PullTest : public testing::Test {
 protected:
  std::string sub(const std::string& name) {
    std::filesystem::create_directories(folder.path + "/" + name);
    return folder.path + "/" + name;
  }
  fixtures::Layer layer(const std::string& content, const std::string& encoding) {
    return fixtures::make_layer(sub("files"), content, encoding);
  }

  fixtures::TempFolder folder;
  fixtures::FolderStore store{folder.path + "/store"};
  Images images{store, {}};
  Logins logins{folder.path + "/home", folder.path + "/logins.json"};
  Work work;
};

TEST_F(PullTest, AnImageOfAllCompressionsIsPulledOnceAndThenFound) {
  fixtures::DockerRegistry registry(sub("registry"));
  std::vector<fixtures::Layer> layers{layer("one", ""), layer("two", "gzip"),
                                      layer(noise(3 << 20, 1), "zstd"), layer("four", "gzip")};
  registry.push("team/web", "1", layers, true);
  std::string name = registry.host() + "/team/web:1";
  ASSERT_FALSE(images.find(name).value());
  std::vector<Progress> reports;
  std::mutex mutex;
  work.progress = [&](const Progress& report) {
    std::lock_guard lock(mutex);
    reports.push_back(report);
  };
  auto pulled = images.ensure(name, logins, work);
  ASSERT_TRUE(pulled) << pulled.error().message;
  EXPECT_EQ(pulled->user, "dev");
  std::vector<std::string> ids;
  for (const auto& one : layers) ids.push_back(one.diff_id);
  EXPECT_EQ(pulled->chain, chains(ids).back());
  EXPECT_EQ(store.unpacked, 4);
  EXPECT_EQ(images.find(name).value()->digest, pulled->digest);
  EXPECT_EQ(store.labels_of(pulled->digest).size(), 5U);
  EXPECT_TRUE(store.leases.empty());
  EXPECT_TRUE(reports.back().finished);
  EXPECT_EQ(reports.back().done, reports.back().total);
  EXPECT_EQ(reports.back().step, "image");
  ASSERT_TRUE(images.ensure(name, logins, work));
  EXPECT_EQ(reports.back().detail, "cached");
  EXPECT_EQ(store.unpacked, 4);
}

TEST_F(PullTest, ALoginIsAskedForTakenAndChecked) {
  fixtures::DockerRegistry registry(sub("registry"), "ada", "s3cret");
  registry.push("team/web", "1", {layer("one", "gzip")});
  std::string name = registry.host() + "/team/web:1";
  auto without = images.pull(name, logins, work);
  ASSERT_FALSE(without);
  EXPECT_EQ(without.error().kind, Kind::denied);
  EXPECT_EQ(without.error().hint, "devenv login " + registry.host());
  Login wrong{"ada", Secret("guess")};
  Login right{"ada", Secret("s3cret")};
  EXPECT_EQ(check_login(registry.host(), wrong, {}, {}).error().kind, Kind::denied);
  ASSERT_TRUE(check_login(registry.host(), right, {}, {}));
  ASSERT_TRUE(logins.store(registry.host(), wrong));
  auto refused = images.pull(name, logins, work);
  EXPECT_EQ(refused.error().kind, Kind::denied);
  EXPECT_EQ(refused.error().message.find("guess"), std::string::npos);
  ASSERT_TRUE(logins.store(registry.host(), right));
  EXPECT_TRUE(images.pull(name, logins, work));
}

TEST_F(PullTest, WhatIsNotThereIsNamed) {
  fixtures::DockerRegistry registry(sub("registry"));
  auto unknown = images.pull(registry.host() + "/team/none:1", logins, work);
  EXPECT_EQ(unknown.error().kind, Kind::not_found);
  EXPECT_NE(unknown.error().message.find("team/none:1"), std::string::npos);
  std::string away = "127.0.0.1:" + std::to_string(fixtures::free_port());
  auto nobody = images.pull(away + "/team/web:1", logins, work);
  EXPECT_EQ(nobody.error().kind, Kind::unavailable);
  EXPECT_NE(nobody.error().message.find(away), std::string::npos);
}

TEST_F(PullTest, ABlobWithOtherBytesIsCorruptAndNotKept) {
  fixtures::DockerRegistry registry(sub("registry"));
  auto good = layer(noise(1 << 20, 2), "gzip");
  registry.push("team/web", "1", {good});
  std::string file = registry.blob_file(sha256_digest(good.bytes));
  Fd blob = open_fd(file, O_WRONLY).value();
  ASSERT_EQ(::pwrite(blob.get(), "spoilt", 6, 1000), 6);
  auto pulled = images.pull(registry.host() + "/team/web:1", logins, work);
  ASSERT_FALSE(pulled);
  EXPECT_EQ(pulled.error().kind, Kind::corrupt);
  EXPECT_FALSE(images.find(registry.host() + "/team/web:1").value());
  ASSERT_EQ(::pwrite(blob.get(), good.bytes.data() + 1000, 6, 1000), 6);
  EXPECT_TRUE(images.pull(registry.host() + "/team/web:1", logins, work))
      << "the mended blob is fetched anew";
}

TEST_F(PullTest, ACutConnectionIsTakenUpWhereItBroke) {
  fixtures::DockerRegistry registry(sub("registry"));
  registry.push("team/web", "1", {layer(noise(5 << 20, 3), "")});
  fixtures::CuttingProxy proxy(registry.port(), 2 << 20, 3);
  std::vector<std::uint64_t> done;
  std::mutex mutex;
  work.progress = [&](const Progress& report) {
    std::lock_guard lock(mutex);
    done.push_back(report.done);
  };
  auto pulled = images.pull(proxy.host() + "/team/web:1", logins, work);
  ASSERT_TRUE(pulled) << pulled.error().message;
  EXPECT_EQ(proxy.cut(), 2) << "near 2 MB came before each cut, 1 MB and what was lost after them; begun "
                               "anew, a third would follow";
  EXPECT_TRUE(std::is_sorted(done.begin(), done.end() - 1)) << "nothing was fetched twice";
}

TEST_F(PullTest, ACancelledPullKeepsItsBytesForTheNext) {
  fixtures::DockerRegistry registry(sub("registry"));
  registry.push("team/web", "1", {layer(noise(6 << 20, 4), "")});
  std::stop_source stop;
  Work first{stop.get_token(), [&](const Progress& report) {
               if (report.done > 0) stop.request_stop();
             }};
  std::string name = registry.host() + "/team/web:1";
  EXPECT_EQ(images.pull(name, logins, first).error().kind, Kind::cancelled);
  ASSERT_EQ(store.uploads().size(), 1U);
  EXPECT_EQ(store.leases.size(), 1U) << "or a collection would take what arrived";
  EXPECT_TRUE(images.pull(name, logins, work));
  EXPECT_TRUE(store.uploads().empty());
  EXPECT_TRUE(store.leases.empty());
}

TEST_F(PullTest, AMirrorIsTriedFirstAndTheRegistryHasTheLastWord) {
  fixtures::DockerRegistry mirror(sub("mirror"));
  mirror.push("team/web", "1", {layer("one", "gzip")});
  Images mirrored(store, {.mirrors = {{"127.0.0.1:1", {"http://127.0.0.1:2", "http://" + mirror.host()}}}});
  auto pulled = mirrored.pull("127.0.0.1:1/team/web:1", logins, work);
  ASSERT_TRUE(pulled) << pulled.error().message;
  EXPECT_EQ(pulled->name, "127.0.0.1:1/team/web:1");
  EXPECT_EQ(mirrored.pull("127.0.0.1:1/team/none:1", logins, work).error().kind, Kind::unavailable);
}

}  // namespace
}  // namespace photon::image
