#include "packages/rpm/repository.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <algorithm>
#include <filesystem>

#include "tests/integration/rpm/fixtures.hpp"

namespace photon::rpm::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Repositories : ::testing::Test {
  static void SetUpTestSuite() {
    key = new Key("Repository <r@example.org>");
    packages = new fixtures::TempFolder;
    make_rpm(packages->path,
             {.name = "app", .lines = {"Requires: /opt/data/table", "Requires: /usr/bin/helper"}});
    make_rpm(packages->path, {.name = "table", .files = {{"/opt/data/table", "x"}, {"/opt/data/more", "x"}}});
    make_rpm(packages->path, {.name = "helper", .files = {{"/usr/bin/helper", "x"}}});
  }
  static void TearDownTestSuite() { delete key, delete packages; }
  static Key* key;
  static fixtures::TempFolder* packages;

  fixtures::TempFolder folder;
  std::string repository = folder.path + "/repository";
  RepositorySource source{.name = "main",
                          .url = "file://" + repository,
                          .keys = {key->armoured},
                          .cache = folder.path + "/cache"};

  void publish(const std::string& compression = "gz", const std::vector<std::string>& more = {}) {
    fs::create_directories(repository);
    fs::copy(packages->path, repository, fs::copy_options::overwrite_existing | fs::copy_options::recursive);
    make_repodata(repository, compression, more);
    key->sign_metadata(repository);
  }
  Result<Solution> solve(const std::vector<std::string>& wishes,
                         const std::vector<RepositorySource>& more = {}) {
    auto pool = Pool::create("x86_64").value();
    PHOTON_CHECK(add_repository(pool, source, {}));
    for (const auto& other : more) PHOTON_CHECK(add_repository(pool, other, {}));
    return pool.solve({.install = wishes});
  }
  static std::vector<std::string> names(const Result<Solution>& solution) {
    if (!solution) return {solution.error().code, solution.error().message};
    std::vector<std::string> result;
    for (const auto& step : solution->steps) result.push_back(step.item.nevra.name);
    std::ranges::sort(result);
    return result;
  }
};
Key* Repositories::key = nullptr;
fixtures::TempFolder* Repositories::packages = nullptr;

TEST_F(Repositories, AreReadInEveryCompression) {
  for (std::string compression : {"zstd", "xz", "gz"}) {
    publish(compression, {"--revision", std::to_string(compression.size())});
    fs::remove_all(source.cache);
    EXPECT_THAT(names(solve({"app"})), ElementsAre("app", "helper", "table")) << compression;
  }
}

TEST_F(Repositories, OfFedoraAndOpenSUSEHoldMoreThanIsReadHere) {
  publish("gz", {"--checksum", "sha512", "--distro", "cpe:/o:example:os:41,Example 41", "--content", "pool",
                 "--repo", "obsrepository://localhost/home:me/standard", "--revision", "1767225600"});
  ASSERT_TRUE(write_file(folder.path + "/part.xml", "<part/>"));
  for (const char* part :
       {"primary_db", "filelists_db", "group", "group_gz", "modules", "prestodelta", "deltainfo", "appdata",
        "susedata", "susedata.de", "suseinfo", "patterns", "products"})
    must({"modifyrepo_c", "--mdtype", part, folder.path + "/part.xml", repository + "/repodata"});
  // As Fedora names its zchunk files, and a dictionary of openSUSE's for more than one language.
  must({"sed", "-i",
        "s|</repomd>|<data type=\"primary_zck\"><checksum type=\"sha256\">" + std::string(64, 'a') +
            "</checksum><header-checksum type=\"sha256\">" + std::string(64, 'b') +
            "</header-checksum><location "
            "href=\"repodata/none.xml.zck\"/><timestamp>1</timestamp><size>9</size>"
            "<header-size>4</header-size></data></repomd>|",
        repository + "/repodata/repomd.xml"});
  key->sign_metadata(repository);
  Server server(repository);
  source.url = server.url;
  auto fresh = refresh(source, {});
  ASSERT_TRUE(fresh) << sentence(fresh.error());
  EXPECT_EQ(fresh->revision, "1767225600");
  EXPECT_THAT(names(solve({"app"})), ElementsAre("app", "helper", "table"));
  for (const auto& request : server.requests())
    EXPECT_TRUE(request.find("repomd.xml") != std::string::npos ||
                request.find("primary.xml") != std::string::npos ||
                request.find("filelists.xml") != std::string::npos)
        << request << ": nobody asked for it";
}

TEST_F(Repositories, AreCachedByTheirChecksum) {
  publish();
  Server server(repository);
  source.url = server.url + "/";
  ASSERT_TRUE(refresh(source, {})->changed);
  EXPECT_FALSE(refresh(source, {})->changed);
  auto before = server.requests().size();
  auto solution = solve({"app"});
  EXPECT_THAT(names(solution), ElementsAre("app", "helper", "table"));
  EXPECT_EQ(server.requests().size(), before) << "a warm cache asks nobody";
  ASSERT_TRUE(solution);
  for (const auto& step : solution->steps) EXPECT_EQ(step.item.sha256.size(), 64U);
  auto fetched = fetch(*solution, std::vector{source}, folder.path + "/packages", {}, {});
  ASSERT_TRUE(fetched) << sentence(fetched.error());
  for (const auto& step : fetched->steps) EXPECT_TRUE(read_package(step.item.location)) << step.item.location;
}

TEST_F(Repositories, LoadFileListsOnlyWhenSomebodyElseAsksForThem) {
  publish();
  fs::path other = folder.path + "/other";
  make_rpm(other, {.name = "needy", .lines = {"Requires: /opt/data/more"}});
  make_repodata(other);
  key->sign_metadata(other);
  Server server(repository);
  source.url = server.url;
  RepositorySource second{
      .name = "second", .url = "file://" + other.string(), .keys = source.keys, .cache = source.cache};
  ASSERT_TRUE(refresh(source, {}));
  EXPECT_THAT(names(solve({"app"})), ElementsAre("app", "helper", "table"));
  // Made once for the repository's own requirement, then kept.
  fs::remove(source.cache + "/main/filelists.solv");
  EXPECT_THAT(names(solve({"app"})), ElementsAre("app", "helper", "table"));
  EXPECT_FALSE(fs::exists(source.cache + "/main/filelists.solv"));
  EXPECT_THAT(names(solve({"needy"}, {second})), ElementsAre("needy", "table"));
  EXPECT_TRUE(fs::exists(source.cache + "/main/filelists.solv"));
  auto before = server.requests().size();
  EXPECT_THAT(names(solve({"needy"}, {second})), ElementsAre("needy", "table"));
  EXPECT_THAT(names(solve({"/opt/data/more"})), ElementsAre("table"));
  EXPECT_EQ(server.requests().size(), before);
}

TEST_F(Repositories, UnsignedOrSignedByOthersAreRefused) {
  publish();
  fs::remove(repository + "/repodata/repomd.xml.asc");
  EXPECT_EQ(refresh(source, {}).error().code, "rpm.unsigned");
  Key("Others <o@example.org>").sign_metadata(repository);
  EXPECT_EQ(refresh(source, {}).error().code, "rpm.signature");
  EXPECT_EQ(names(solve({"app"}))[0], "rpm.signature") << "nothing of it is used";
  source.verify_metadata = false;
  EXPECT_TRUE(refresh(source, {}));
}

TEST_F(Repositories, ForgedMetadataIsRefusedAndTheOldStays) {
  publish();
  ASSERT_TRUE(refresh(source, {}));
  auto repomd = repository + "/repodata/repomd.xml";
  auto bytes = read_file(repomd).value();
  ASSERT_TRUE(write_file(repomd, bytes + " "));
  EXPECT_EQ(refresh(source, {}).error().code, "rpm.signature");
  EXPECT_THAT(names(solve({"app"})), ElementsAre("app", "helper", "table"));
}

TEST_F(Repositories, ForgedPrimaryIsRefused) {
  publish();
  for (const auto& entry : fs::directory_iterator(repository + "/repodata"))
    if (entry.path().string().find("primary") != std::string::npos) {
      ASSERT_TRUE(write_file(entry.path(), std::string(fs::file_size(entry), 'x')));
    }
  EXPECT_EQ(refresh(source, {}).error().code, "rpm.digest");
}

TEST_F(Repositories, ReplayedMetadataIsRefused) {
  publish("gz", {"--revision", "5", "--set-timestamp-to-revision"});
  fs::copy(repository, folder.path + "/old", fs::copy_options::recursive);
  fs::remove_all(repository);
  publish("gz", {"--revision", "9", "--set-timestamp-to-revision"});
  ASSERT_TRUE(refresh(source, {}));
  source.url = "file://" + folder.path + "/old";
  auto refused = refresh(source, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "rpm.replayed");
  EXPECT_THAT(refused.error().message, HasSubstr("older"));
  source.url = "file://" + repository;
  EXPECT_TRUE(refresh(source, {}));
}

// A primary that is a bomb, with digests and signature as they should be: only its growth gives it away.
TEST_F(Repositories, CompressedBombsAreRefused) {
  for (std::string tool : {"gzip", "xz", "zstd"}) {
    fs::remove_all(repository);
    fs::create_directories(repository + "/repodata");
    auto bomb = repository + "/repodata/primary";
    must({"sh", "-c",
          fmt::format(
              "(echo '<metadata packages=\"1\">'; head -c 60000000 /dev/zero | tr '\\0' ' ') | {} -1 > {}",
              tool, bomb)});
    auto sum = must({"sha256sum", bomb}).substr(0, 64);
    ASSERT_TRUE(write_file(
        repository + "/repodata/repomd.xml",
        fmt::format(
            "<repomd><revision>1</revision><data type=\"primary\"><checksum type=\"sha256\">{}</checksum>"
            "<location href=\"repodata/primary\"/></data></repomd>",
            sum)));
    key->sign_metadata(repository);
    EXPECT_EQ(refresh(source, {}).error().code, "rpm.bomb") << tool;
  }
}

TEST_F(Repositories, LocationsOutsideAndWeakDigestsAreRefused) {
  fs::create_directories(repository + "/repodata");
  source.verify_metadata = false;
  auto part = [&](std::string_view place, std::string_view kind, std::string_view sum) {
    EXPECT_TRUE(write_file(repository + "/repodata/repomd.xml",
                           fmt::format("<repomd><data type=\"primary\"><checksum "
                                       "type=\"{}\">{}</checksum><location href=\"{}\"/></data></repomd>",
                                       kind, sum, place)));
    return refresh(source, {}).error().code;
  };
  std::string sum(64, 'a');
  EXPECT_EQ(part("../primary", "sha256", sum), "rpm.metadata");
  EXPECT_EQ(part("/etc/passwd", "sha256", sum), "rpm.metadata");
  EXPECT_EQ(part("https://example.org/primary", "sha256", sum), "rpm.metadata");
  EXPECT_EQ(part("repodata/p", "md5", std::string(32, 'a')), "rpm.missing");
  ASSERT_TRUE(write_file(repository + "/repodata/p", "x"));
  EXPECT_EQ(part("repodata/p", "md5", std::string(32, 'a')), "rpm.digest");
  ASSERT_TRUE(write_file(repository + "/repodata/repomd.xml", "<repomd><data type="));
  EXPECT_EQ(refresh(source, {}).error().code, "rpm.metadata");
}

TEST_F(Repositories, SayTheirAdvisoriesAndChanges) {
  publish();
  ASSERT_TRUE(write_file(folder.path + "/updateinfo.xml",
                         R"(<updates><update from="t" status="final" type="security" version="1">
    <id>PW-2026-1</id><title>helper: a fault</title><issued date="2026-01-05 10:00:00"/><severity>important</severity>
    <description>Mended.</description><references><reference href="https://example.org/CVE-2026-1" id="CVE-2026-1" type="cve" title="x"/></references>
    <pkglist><collection short="m"><name>m</name><package name="helper" version="2" release="1" epoch="0" arch="noarch" src="h.src.rpm">
    <filename>helper-2-1.noarch.rpm</filename></package></collection></pkglist></update></updates>)"));
  must({"modifyrepo_c", folder.path + "/updateinfo.xml", repository + "/repodata"});
  key->sign_metadata(repository);
  auto found = advisories(source, {});
  ASSERT_TRUE(found) << sentence(found.error());
  ASSERT_EQ(found->size(), 1U);
  EXPECT_EQ(found->front().id, "PW-2026-1");
  EXPECT_EQ(found->front().kind, "security");
  EXPECT_EQ(found->front().severity, "important");
  EXPECT_THAT(found->front().references, ElementsAre("CVE-2026-1"));
  ASSERT_EQ(found->front().packages.size(), 1U);
  EXPECT_EQ(to_string(found->front().packages[0]), "helper-2-1.noarch");
  auto changes = changelog(source, {"helper", {"", "1", "1"}, "noarch"}, {});
  ASSERT_TRUE(changes) << sentence(changes.error());
  ASSERT_EQ(changes->size(), 1U);
  EXPECT_THAT(changes->front().text, HasSubstr("made for a test"));
}

}  // namespace
}  // namespace photon::rpm::testing
