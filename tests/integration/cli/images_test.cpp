// Images as people meet them: pulled from a real registry by `devenv up`, with what goes wrong there.
#include <fcntl.h>
#include <unistd.h>

#include "devenv/core/digest.hpp"
#include "tests/fixtures/free_port.hpp"
#include "tests/integration/cli/person.hpp"
#include "tests/integration/cli/registry.hpp"

namespace photon::tests {
namespace {

using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;

class ImagesOfPerson : public Person {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(home() / "registry");
    std::filesystem::create_directories(home() / "files");
    registry_.emplace(home() / "registry");
  }
  void TearDown() override {
    for (const auto& name : home().names()) (void)home().devenv({"rm", "--yes", name});
    registry_.reset();
    std::filesystem::remove_all(home() / "registry");
    std::filesystem::remove_all(home() / "files");
  }
  /// root file system, 3 MB and 3 MB
  std::vector<fixtures::Layer> layers() {
    return {root_layer(home() / "files"), heavy_layer(home() / "files", 3 << 20, 1),
            heavy_layer(home() / "files", 3 << 20, 2)};
  }
  static std::string using_image(const std::string& name, const std::string& image) {
    return project(name, fmt::format(R"({{ "image": "{}", "remoteUser": "dev" }})", image));
  }
  std::optional<fixtures::DockerRegistry> registry_;
};

TEST_F(ImagesOfPerson, UpPullsWithProgressAndTheImageIsListed) {
  registry_->push("team/web", "1", layers(), true);
  auto image = registry_->host() + "/team/web:1";
  auto up = terminal({"up"}, 100, using_image("web", image));
  EXPECT_EQ(up.status(), 0) << up.screen();
  EXPECT_THAT(up.screen(), ContainsRegex("\n?  image    127.0.0.1:[0-9]+/team/web:1 +pulled, [0-9.]+ MB"));
  EXPECT_THAT(up.bytes(), AllOf(HasSubstr("layer 1 of 3"), HasSubstr("layer 3 of 3"), HasSubstr("100 %")));
  EXPECT_EQ(home().devenv({"exec", "web", "--", "id", "-un"}).out, "dev\n");
  auto list = terminal({"image", "ls"}, 100);
  EXPECT_EQ(list.status(), 0);
  EXPECT_THAT(
      list.screen(),
      ContainsRegex("  NAME +SIZE +DIGEST\n(  .*\n)*  127.0.0.1:[0-9]+/team/web:1 +[0-9.]+ MB  sha256:"));
  // Again, without the registry: what is here is used.
  registry_.reset();
  ASSERT_EQ(home().devenv({"rm", "web"}).status, 0);
  auto again = home().devenv({"up"}, home() / "web");
  EXPECT_EQ(again.status, 0) << again.err;
  EXPECT_THAT(again.err, HasSubstr("cached"));
  ASSERT_EQ(home().devenv({"rm", "web"}).status, 0);
  auto removed = home().devenv({"image", "rm", image});
  EXPECT_EQ(removed.status, 0);
  EXPECT_EQ(removed.err, image + " is deleted\n");
  auto freed = home().devenv({"image", "gc"});
  EXPECT_THAT(freed.err, ContainsRegex("^[0-9.]+ MB freed\n$"));
}

TEST_F(ImagesOfPerson, CtrlCKeepsWhatArrivedAndUpGoesOnFromThere) {
  auto all = layers();
  std::size_t size = 0;
  for (const auto& layer : all) size += layer.bytes.size();
  registry_->push("team/big", "1", all);
  HoldingProxy proxy(registry_->port(), size - (2 << 20));
  auto folder = using_image("big", proxy.host() + "/team/big:1");
  auto up = terminal({"up"}, 100, folder);
  ASSERT_TRUE(eventually([&] { return proxy.passed() > size - (2 << 20); }, std::chrono::seconds(30)));
  EXPECT_TRUE(up.shows(" %")) << up.screen();
  up.type("\x03");
  EXPECT_EQ(up.status(), 130);
  EXPECT_THAT(up.screen(),
              ContainsRegex(
                  "devenv: interrupted\n  no environment was made; what was fetched is kept\n  to go on: "));
  proxy.release();
  auto before = proxy.passed();
  auto again = home().devenv({"up"}, folder);
  EXPECT_EQ(again.status, 0) << again.err;
  EXPECT_LT(proxy.passed() - before, size - (1 << 20)) << "not all of " << size << " bytes came again";
}

TEST_F(ImagesOfPerson, EachFaultIsOneSentenceWithItsStatusAndWhatMends) {
  // Of bytes that no test before has brought: what is there already is not asked for again.
  std::vector<fixtures::Layer> good{root_layer(home() / "files"), heavy_layer(home() / "files", 3 << 20, 9)};
  registry_->push("team/web", "1", good);
  auto file = registry_->blob_file(sha256_digest(good[1].bytes));
  Fd blob = open_fd(file, O_WRONLY).value();
  ASSERT_EQ(::pwrite(blob.get(), "spoilt", 6, 1000), 6);
  auto digest = registry_->push("team/other", "any", {good[0]});
  registry_->put_manifest(
      "team/other", "1", "application/vnd.oci.image.index.v1+json",
      fmt::format(
          R"({{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{{)"
          R"("mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{}","size":{},)"
          R"("platform":{{"os":"linux","architecture":"riscv64"}}}}]}})",
          digest, std::filesystem::file_size(registry_->blob_file(digest))));
  auto host = registry_->host();
  auto away = fmt::format("127.0.0.1:{}", fixtures::free_port());
  struct {
    std::string name;
    std::string image;
    int status;
    std::string said;
  } cases[] = {
      {"away", away + "/team/web:1", 6,
       "devenv: the registry " + away + " does not answer: .*\n  check the network"},
      {"noimage", host + "/team/none:1", 3,
       "devenv: " + host + " does not have team/none:1\n  check the name and the tag\n"},
      {"notag", host + "/team/web:none", 3,
       "devenv: " + host + " does not have team/web:none\n  check the name and the tag\n"},
      {"noplatform", host + "/team/other:1", 3,
       "devenv: the image .*/team/other:1 is not built for linux/.*\n"},
      {"spoilt", host + "/team/web:1", 8,
       "devenv: " + host + " gave other bytes than sha256:.*\n  the registry or a proxy"},
  };
  for (const auto& one : cases) {
    auto output = home().devenv({"up"}, using_image(one.name, one.image));
    EXPECT_EQ(output.status, one.status) << output.err;
    EXPECT_THAT(output.err, ContainsRegex(one.said));
    EXPECT_THAT(home().names(), testing::IsEmpty()) << "nothing half made is left of " << one.name;
  }
}

}  // namespace
}  // namespace photon::tests
