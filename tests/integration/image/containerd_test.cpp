// Images in a real containerd: what is pulled or imported runs, survives a collection, and goes when removed.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <thread>

#include "devenv/core/digest.hpp"
#include "devenv/engine/containerd/containerd.hpp"
#include "devenv/image/document.hpp"
#include "devenv/image/image.hpp"
#include "tests/fixtures/temp_folder.hpp"
#include "tests/integration/image/docker_registry.hpp"

namespace photon::image {
namespace {

class InContainerd : public testing::Test {
 protected:
  void SetUp() override {
    engine::ContainerdOptions options;
    options.system_socket = "";
    options.root = folder.path + "/root";
    options.state = folder.path + "/state";
    auto opened = engine::Containerd::open(options);
    ASSERT_TRUE(opened) << opened.error().message;
    containerd = std::move(*opened);
    images = std::make_unique<Images>(containerd->images(), RegistryOptions{});
  }
  void TearDown() override {
    if (!containerd) return;
    EXPECT_TRUE(containerd->shut_down());
  }
  std::string sub(const std::string& name) {
    std::filesystem::create_directories(folder.path + "/" + name);
    return folder.path + "/" + name;
  }
  fixtures::Layer layer(const std::string& content, const std::string& encoding) {
    return fixtures::make_layer(sub("files"), content, encoding);
  }
  static bool in(const std::string& program, const std::vector<std::string>& arguments) {
    std::vector<std::string> argv{program};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    auto done = run({.argv = argv});
    if (!done || done->status != 0)
      ADD_FAILURE() << program << ": " << (done ? done->err : done.error().message);
    return done && done->status == 0;
  }
  engine::ImageStore& store() { return containerd->images(); }

  fixtures::TempFolder folder;
  std::unique_ptr<engine::Containerd> containerd;
  std::unique_ptr<Images> images;
  Logins logins{folder.path + "/home", folder.path + "/logins.json"};
  Work work;
};

TEST_F(InContainerd, APulledImageIsFoundWithoutItsRegistryAndKeptByCollections) {
  auto registry = std::make_optional<fixtures::DockerRegistry>(sub("registry"));
  registry->push("team/web", "1", {layer("one", ""), layer("two", "gzip"), layer("three", "zstd")}, true);
  std::string name = registry->host() + "/team/web:1";
  auto pulled = images->ensure(name, logins, work);
  ASSERT_TRUE(pulled) << pulled.error().message;
  EXPECT_EQ(pulled->user, "dev");
  ASSERT_TRUE(images->gc());
  std::uint64_t size = images->list().value().at(0).size;
  ASSERT_TRUE(images->remove(name));
  EXPECT_EQ(images->gc().value(), size);
  EXPECT_FALSE(store().has_snapshot(pulled->chain).value());
  EXPECT_TRUE(images->pull(name, logins, work)) << "and it comes back";

  registry.reset();
  auto found = images->find(name);
  ASSERT_TRUE(found && *found) << "no registry is asked";
  EXPECT_EQ((*found)->chain, pulled->chain);
}

TEST_F(InContainerd, TwoImagesThatShareLayersArePulledAtOnce) {
  fixtures::DockerRegistry registry(sub("registry"));
  auto shared = layer(std::string(2 << 20, 's'), "gzip");
  registry.push("team/one", "1", {shared, layer("one", "gzip")});
  registry.push("team/two", "1", {shared, layer("two", "gzip")});
  Result<ImageConfig> one, two;
  {
    std::jthread other([&] { one = images->pull(registry.host() + "/team/one:1", logins, work); });
    two = images->pull(registry.host() + "/team/two:1", logins, work);
  }
  ASSERT_TRUE(one) << one.error().message;
  ASSERT_TRUE(two) << two.error().message;
  EXPECT_NE(one->chain, two->chain);
  ASSERT_TRUE(images->remove(registry.host() + "/team/one:1"));
  ASSERT_TRUE(images->gc());
  EXPECT_TRUE(images->find(registry.host() + "/team/two:1").value()) << "the shared layer is kept";
}

TEST_F(InContainerd, ACancelledPullIsResumedFromTheBytesThatContainerdKept) {
  fixtures::DockerRegistry registry(sub("registry"));
  std::string content(6 << 20, '\0');
  for (std::size_t i = 0; i < content.size(); ++i) content[i] = static_cast<char>((i * 2654435761U) >> 13);
  auto big = layer(content, "");
  registry.push("team/big", "1", {big});
  std::stop_source stop;
  Work first{stop.get_token(), [&](const Progress& report) {
               if (report.done > 0) stop.request_stop();
             }};
  EXPECT_EQ(images->pull(registry.host() + "/team/big:1", logins, first).error().kind, Kind::cancelled);
  std::string digest = sha256_digest(big.bytes);
  std::uint64_t kept = 0;
  {
    auto writer =
        store().write_blob("layer-" + digest, big.bytes.size(), digest, store().new_lease().value());
    ASSERT_TRUE(writer);
    kept = (*writer)->offset();
  }
  EXPECT_GT(kept, 0U);
  EXPECT_LT(kept, big.bytes.size());
  EXPECT_TRUE(images->pull(registry.host() + "/team/big:1", logins, work));
}

TEST_F(InContainerd, AnImportedRootFileSystemRuns) {
  std::string root = sub("base/bin").substr(0, folder.path.size() + 5);
  sub("base/etc");
  std::filesystem::copy_file("/bin/busybox", root + "/bin/busybox");
  std::filesystem::create_symlink("busybox", root + "/bin/sh");
  ASSERT_TRUE(write_file(root + "/etc/devenv-image.json", R"({"user":"0","env":["GREETING=hello"]})"));
  ASSERT_TRUE(in("tar", {"--zstd", "-cf", folder.path + "/base.tar.zst", "-C", root, "."}));
  auto imported = images->import(folder.path + "/base.tar.zst", "local/base:1", work);
  ASSERT_TRUE(imported) << imported.error().message;
  ASSERT_TRUE(images->gc());
  engine::ContainerSpec spec;
  spec.id = "imported";
  spec.image = imported->front().name;
  spec.parent = imported->front().chain;
  spec.process.argv = {"/bin/sh", "-c", "echo $GREETING; exec /bin/busybox sleep 30"};
  spec.process.env = imported->front().env;
  spec.log_file = folder.path + "/log";
  auto container = containerd->engine().run(spec, {});
  ASSERT_TRUE(container) << container.error().message;
  std::string log;
  for (int i = 0; i < 200 && log.empty(); ++i) {
    ::usleep(20'000);
    log = read_file(spec.log_file).value_or("");
  }
  EXPECT_EQ(log, "hello\n");
  EXPECT_TRUE(containerd->engine().remove(spec.id));
}

}  // namespace
}  // namespace photon::image
