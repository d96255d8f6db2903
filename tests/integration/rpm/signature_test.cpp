#include "packages/rpm/signature.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <filesystem>

#include "packages/rpm/package.hpp"
#include "tests/integration/rpm/fixtures.hpp"

namespace photon::rpm::testing {
namespace {

struct Signatures : ::testing::Test {
  static void SetUpTestSuite() {
    ours = new Key("Ours <ours@example.org>"), others = new Key("Others <others@example.org>");
  }
  static void TearDownTestSuite() { delete ours, delete others; }
  static Key *ours, *others;
  fixtures::TempFolder folder;
  std::vector<std::string> keys{ours->armoured};
  std::string path =
      make_rpm(folder.path, {.name = "tool", .files = {{"/opt/tool", std::string(5000, 'x')}}});

  std::string verdict() {
    auto verified = verify_package(path, keys);
    return verified ? "good" : verified.error().code;
  }
};
Key* Signatures::ours = nullptr;
Key* Signatures::others = nullptr;

TEST_F(Signatures, OfOursIsGoodAndKeepsTheHeadersDigest) {
  auto before = read_package(path)->header_digest;
  ours->sign_rpm(path);
  EXPECT_EQ(verdict(), "good");
  EXPECT_EQ(read_package(path)->header_digest, before);
}

TEST_F(Signatures, MissingOrByAnotherKeyIsRefused) {
  EXPECT_EQ(verdict(), "rpm.unsigned");
  others->sign_rpm(path);
  EXPECT_EQ(verdict(), "rpm.signature");
  keys = {others->armoured, ours->armoured};
  EXPECT_EQ(verdict(), "good");
  keys.clear();
  EXPECT_EQ(verdict(), "good") << "without keys the digests count";
  keys = {"no key"};
  EXPECT_EQ(verdict(), "rpm.key");
}

TEST_F(Signatures, ForgedHeaderOrPayloadIsRefused) {
  ours->sign_rpm(path);
  auto bytes = read_file(path).value();
  auto forged = bytes;
  forged[forged.rfind("/opt/") + 1] = 'O';
  ASSERT_TRUE(write_file(path, forged));
  EXPECT_NE(verdict(), "good");
  forged = bytes;
  forged[forged.size() - 5] = char(forged[forged.size() - 5] ^ 1);
  ASSERT_TRUE(write_file(path, forged));
  EXPECT_EQ(verdict(), "rpm.digest");
  ASSERT_TRUE(write_file(path, bytes.substr(0, bytes.size() - 1)));
  EXPECT_EQ(verdict(), "rpm.truncated");
}

// The signature of one package put in front of another one's header.
TEST_F(Signatures, OfAnotherPackageIsRefused) {
  auto other = make_rpm(folder.path, {.name = "evil", .files = {{"/opt/evil", "x"}}});
  ours->sign_rpm(path);
  auto good = read_file(path).value(), bad = read_file(other).value();
  auto main_header = [](const std::string& bytes) { return bytes.find("\x8e\xad\xe8\x01", 100); };
  ASSERT_TRUE(write_file(path, good.substr(0, main_header(good)) + bad.substr(main_header(bad))));
  EXPECT_NE(verdict(), "good");
}

TEST_F(Signatures, OfManyAreVerifiedTogether) {
  ours->sign_rpm(path);
  auto unsigned_one = make_rpm(folder.path, {.name = "more"});
  std::vector<std::string> paths(5, path);
  EXPECT_TRUE(verify_packages(paths, keys, {}));
  paths.push_back(unsigned_one);
  EXPECT_EQ(verify_packages(paths, keys, {}).error().where->file, unsigned_one);
}

TEST_F(Signatures, DetachedAreOfTheseBytesAndThisKey) {
  std::filesystem::create_directories(folder.path + "/repodata");
  auto file = folder.path + "/repodata/repomd.xml";
  ASSERT_TRUE(write_file(file, "<repomd/>"));
  ours->sign_metadata(folder.path);
  auto signature = read_file(file + ".asc").value();
  EXPECT_TRUE(verify_detached("<repomd/>", signature, keys, "it"));
  EXPECT_EQ(verify_detached("<repomd />", signature, keys, "it").error().code, "rpm.signature");
  EXPECT_EQ(verify_detached("<repomd/>", "", keys, "it").error().code, "rpm.signature");
  EXPECT_EQ(verify_detached("<repomd/>", signature, std::vector{others->armoured}, "it").error().code,
            "rpm.signature");
  EXPECT_EQ(verify_detached("<repomd/>", signature, {}, "it").error().kind, Kind::denied);
}

}  // namespace
}  // namespace photon::rpm::testing
