// What is published, when nothing changes, and what goes.
#include <sys/stat.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <thread>

#include "packages/forge/publish/prune.hpp"
#include "packages/forge/publish/report.hpp"
#include "tests/integration/forge_publish/workshop.hpp"

namespace photon::forge::tests {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class Publish : public PublishTest {};

TEST_F(Publish, WritesZstdMetadataThatNamesEachPackage) {
  auto published = must_publish({built({}), built({.name = "pear", .needs = "apple"})});
  EXPECT_TRUE(published.changed);
  EXPECT_EQ(published.packages, 2U);
  auto seen = read_repository(options_.folder);
  EXPECT_THAT(seen.fault, IsEmpty());
  EXPECT_THAT(seen.packages,
              ElementsAre(EndsWith("/apple-1.0-1.x86_64.rpm"), EndsWith("/pear-1.0-1.x86_64.rpm")));
  EXPECT_THAT(text_of(repodata_file(options_.folder, "primary.xml.zst")),
              HasSubstr("<rpm:entry name=\"apple\"/>"));
  EXPECT_THAT(text_of(repodata_file(options_.folder, "filelists.xml.zst")),
              HasSubstr("/usr/share/pear/taste"));
  EXPECT_EQ(published.repomd_sha256, sha256_file(at("repodata/repomd.xml")).value());
}

TEST_F(Publish, ChangesNothingForTheSameInput) {
  std::vector<Built> all = {built({}), built({.name = "pear"})};
  auto first = must_publish(all);
  auto before = std::filesystem::last_write_time(at("repodata"));
  auto second = must_publish(all);
  EXPECT_FALSE(second.changed);
  EXPECT_EQ(second.packages, 2U);
  EXPECT_EQ(second.repomd_sha256, first.repomd_sha256);
  EXPECT_EQ(std::filesystem::last_write_time(at("repodata")), before);
}

TEST_F(Publish, SignsAPackageOnceHoweverOftenItIsPublished) {
  auto apple = built({});
  must_publish({apple});
  auto before = read_repository(options_.folder).packages;
  must_publish({apple, built({.name = "pear"})});
  EXPECT_EQ(read_repository(options_.folder).packages.at(0), before[0]);
}

TEST_F(Publish, MendsARepositoryOfWhichFilesAreGone) {
  auto apple = built({});
  must_publish({apple});
  std::filesystem::remove(at(read_repository(options_.folder).packages.at(0)));
  EXPECT_TRUE(must_publish({apple}).changed);
  EXPECT_THAT(read_repository(options_.folder).fault, IsEmpty());
}

TEST_F(Publish, SaysWhenAPublishedFileHasOtherBytes) {
  auto apple = built({}), pear = built({.name = "pear"});
  must_publish({apple});
  auto package = at(read_repository(options_.folder).packages.at(0));
  auto bytes = read_file(package).value();
  bytes[bytes.size() / 2] ^= 1;
  std::filesystem::remove(package);
  ASSERT_TRUE(write_file(package, bytes));
  auto refused = publish_all({apple, pear});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "publish.cache");
  EXPECT_THAT(refused.error().message, HasSubstr("apple-1.0-1.x86_64.rpm"));
}

TEST_F(Publish, TakesTheSourceBuiltOneOfTwoOriginsAndNoarchOfEachArchitecture) {
  auto import = built({.origin = Origin::import}), source = built({.version = "2.0"});
  auto plum = built({.name = "plum", .arch = "noarch", .built_for = "aarch64"});
  auto foreign = built({.name = "fig", .arch = "aarch64", .built_for = "aarch64"});
  must_publish({import, source, plum, foreign});
  EXPECT_THAT(read_repository(options_.folder).packages,
              ElementsAre(EndsWith("/apple-2.0-1.x86_64.rpm"), EndsWith("/plum-1.0-1.noarch.rpm")));
  options_.folder += "-arm";
  options_.arch = "aarch64";
  must_publish({import, source, plum, foreign});
  EXPECT_THAT(read_repository(options_.folder).packages,
              ElementsAre(EndsWith("/fig-1.0-1.aarch64.rpm"), EndsWith("/plum-1.0-1.noarch.rpm")));
}

TEST_F(Publish, RaisesTheRevisionEachTime) {
  std::string last;
  for (const char* version : {"1.0", "2.0", "3.0"}) {
    must_publish({built({.version = version})});
    auto seen = read_repository(options_.folder).revision;
    EXPECT_GT(seen, last);
    last = seen;
  }
}

TEST_F(Publish, KeepsWhatReadersOfEarlierGenerationsNeedAndNoMore) {
  options_.keep = 2;
  must_publish({built({.version = "1.0"})});
  auto first = read_repository(options_.folder).packages.at(0);
  auto first_primary = repodata_file(options_.folder, "primary.xml.zst");
  must_publish({built({.version = "2.0"})});
  EXPECT_TRUE(std::filesystem::exists(at(first)));
  EXPECT_TRUE(std::filesystem::exists(first_primary));
  must_publish({built({.version = "3.0"})});
  EXPECT_FALSE(std::filesystem::exists(at(first)));
  EXPECT_FALSE(std::filesystem::exists(first_primary));
  auto freed = prune_repository(options_.folder, 1, {});
  ASSERT_TRUE(freed) << sentence(freed.error());
  EXPECT_EQ(freed->builds, 1U);
  EXPECT_THAT(read_repository(options_.folder).fault, IsEmpty());
}

TEST_F(Publish, DropsSignedCopiesThatNothingNeeds) {
  auto apple = built({}), pear = built({.name = "pear"});
  must_publish({apple, pear});
  auto would = prune_signed(*store_, {pear.outputs[0].sha256}, true, {});
  auto freed = prune_signed(*store_, {pear.outputs[0].sha256}, false, {});
  ASSERT_TRUE(would && freed);
  EXPECT_EQ(would->files, 1U);
  EXPECT_EQ(freed->files, 1U);
  EXPECT_THAT(read_repository(options_.folder).fault, IsEmpty()) << "what is published stays";
  EXPECT_EQ(prune_signed(*store_, {pear.outputs[0].sha256}, false, {})->files, 0U);
}

TEST_F(Publish, ReportsTheShareThatWasBuiltFromSource) {
  must_publish({built({}), built({.name = "pear", .origin = Origin::import}),
                built({.name = "plum", .origin = Origin::import})});
  auto share = report(options_.folder);
  ASSERT_TRUE(share) << sentence(share.error());
  EXPECT_THAT(share->packages, SizeIs(3));
  EXPECT_EQ(share->from_source, 1U);
  EXPECT_EQ(share->packages.at(0).name, "apple");
  EXPECT_GT(share->bytes_from_source, 0U);
  EXPECT_GT(share->bytes, share->bytes_from_source);
  EXPECT_EQ(report(folder_.path + "/store").error().code, "report.nothing");
}

// Reads as clients do, as fast as it can, while the repository changes beneath it.
TEST_F(Publish, NeverShowsAReaderHalfARepository) {
  auto apple = built({});
  must_publish({apple});
  std::atomic<bool> stop = false;
  std::atomic<unsigned> reads = 0;
  std::string fault, last;
  std::thread reader([&] {
    while (!stop && fault.empty()) {
      auto seen = read_repository(options_.folder);
      if (!seen.fault.empty())
        fault = seen.fault;
      else if (seen.revision < last)
        fault = "the revision fell from " + last + " to " + seen.revision;
      last = seen.revision;
      ++reads;
    }
  });
  for (int i = 0; i < 20; ++i)
    must_publish({apple, built({.name = "pear", .version = i % 2 == 0 ? "1.0" : "2.0"})});
  stop = true;
  reader.join();
  EXPECT_THAT(fault, IsEmpty());
  EXPECT_GT(reads, 20U);
}

}  // namespace
}  // namespace photon::forge::tests
