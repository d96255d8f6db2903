#include "packages/rpm/package.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <filesystem>

#include "devenv/core/digest.hpp"
#include "packages/rpm/pool.hpp"
#include "tests/integration/rpm/fixtures.hpp"

namespace photon::rpm::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;
using ::testing::StartsWith;

Wanted tool() {
  return {
      .name = "tool",
      .version = "2.5",
      .lines = {"Epoch: 3", "Requires: base >= 1.2", "Requires: (fast if slow)", "Requires: /usr/bin/helper",
                "Provides: gadget = 7", "Obsoletes: oldtool < 2", "Recommends: docs", "Vendor: Tests"},
      .files = {{"/usr/bin/tool", "#!/bin/sh\n"},
                {"/etc/tool.conf", "a=1\n", "%config(noreplace) %attr(0640,root,root)"}}};
}

TEST(ReadPackage, SaysWhatTheHeaderSays) {
  fixtures::TempFolder folder;
  auto path = make_rpm(folder.path, tool());
  auto package = read_package(path);
  ASSERT_TRUE(package) << sentence(package.error());
  EXPECT_EQ(to_string(package->nevra), "tool-3:2.5-1.noarch");
  EXPECT_THAT(package->needs, Contains("base >= 1.2"));
  EXPECT_THAT(package->needs, Contains("(fast if slow)"));
  EXPECT_THAT(package->needs, Contains("/usr/bin/helper"));
  EXPECT_THAT(package->needs, Not(Contains(StartsWith("rpmlib("))));
  EXPECT_THAT(package->provides, Contains("gadget = 7"));
  EXPECT_THAT(package->obsoletes, ElementsAre("oldtool < 2"));
  EXPECT_THAT(package->recommends, ElementsAre("docs"));
  EXPECT_EQ(package->vendor, "Tests");
  ASSERT_EQ(package->files.size(), 2U);
  const auto& file = package->files[0].path == "/etc/tool.conf" ? package->files[0] : package->files[1];
  EXPECT_EQ(file.mode, 0100640U);
  EXPECT_EQ(file.user, "root");
  EXPECT_EQ(file.digest, sha256_hex("a=1\n"));
  EXPECT_NE(file.flags, 0U);
  EXPECT_EQ(package->header_digest, must({"rpm", "-qp", "--nosignature", "--qf", "%{SHA256HEADER}", path}));
  EXPECT_EQ(package->payload_digest.size(), 64U);
}

TEST(ReadPackage, TruncatedIsRefusedWhereverItEnds) {
  fixtures::TempFolder folder;
  auto path = make_rpm(folder.path, tool());
  auto size = std::filesystem::file_size(path);
  for (auto length = size - 1; length > 100; length -= std::min<std::uintmax_t>(length, 97)) {
    std::filesystem::resize_file(path, length);
    auto package = read_package(path);
    ASSERT_FALSE(package) << length;
    ASSERT_EQ(package.error().code, "rpm.truncated") << length;
  }
}

TEST(ReadPackage, ForgedHeaderIsRefused) {
  fixtures::TempFolder folder;
  auto path = make_rpm(folder.path, tool());
  auto bytes = read_file(path).value();
  // Every place of the main header is covered by its digest.
  auto at = bytes.rfind("gadget");
  bytes[at] = 'G';
  ASSERT_TRUE(write_file(path, bytes));
  auto package = read_package(path);
  ASSERT_FALSE(package);
  EXPECT_EQ(package.error().kind, Kind::corrupt);
}

TEST(PoolOfFiles, IsCachedAndMadeAgainWhenAFileChanges) {
  fixtures::TempFolder folder;
  std::vector<std::string> paths{
      make_rpm(folder.path, {.name = "app", .lines = {"Requires: /opt/data/table"}}),
      make_rpm(folder.path, {.name = "table", .files = {{"/opt/data/table", "x"}}})};
  auto cache = folder.path + "/cache.solv";
  auto steps = [&] {
    auto pool = Pool::create("x86_64").value();
    EXPECT_TRUE(pool.add_files_cached("local", paths, cache));
    auto solution = pool.solve({.install = {"app"}});
    EXPECT_TRUE(solution) << sentence(solution.error());
    std::vector<std::string> lines;
    for (const auto& step : solution->steps) {
      EXPECT_EQ(step.item.repository, "local");
      EXPECT_TRUE(std::filesystem::exists(step.item.location)) << step.item.location;
      lines.push_back(to_string(step.item.nevra));
    }
    return lines;
  };
  EXPECT_THAT(steps(), ElementsAre("table-1-1.noarch", "app-1-1.noarch"));
  auto written = std::filesystem::last_write_time(cache);
  EXPECT_THAT(steps(), ElementsAre("table-1-1.noarch", "app-1-1.noarch"));
  EXPECT_EQ(std::filesystem::last_write_time(cache), written);
  std::filesystem::remove(paths[1]);
  paths[1] = make_rpm(folder.path, {.name = "table", .version = "2", .files = {{"/opt/data/table", "y"}}});
  EXPECT_THAT(steps(), ElementsAre("table-2-1.noarch", "app-1-1.noarch"));
  // A damaged cache is made again, too.
  ASSERT_TRUE(write_file(cache, "SOLV damaged"));
  EXPECT_THAT(steps(), ElementsAre("table-2-1.noarch", "app-1-1.noarch"));
}

TEST(PoolOfFiles, KnowsProvidersOfNamesFilesAndSonames) {
  fixtures::TempFolder folder;
  std::vector<std::string> paths{make_rpm(
      folder.path, {.name = "tool", .lines = {"Provides: gadget = 7"}, .files = {{"/opt/x/tool", "x"}}})};
  auto pool = Pool::create("x86_64").value();
  ASSERT_TRUE(pool.add_files("local", paths));
  for (auto wish : {"tool", "gadget", "gadget >= 6", "/opt/x/tool", "(gadget or other)"})
    EXPECT_EQ(pool.providers(wish).size(), 1U) << wish;
  for (auto wish : {"gadget > 7", "/opt/x/other", "nothing"})
    EXPECT_TRUE(pool.providers(wish).empty()) << wish;
}

}  // namespace
}  // namespace photon::rpm::testing
