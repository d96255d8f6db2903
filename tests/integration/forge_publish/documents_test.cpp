// Bills of materials and statements, checked against the rules of their formats and against the packages.
#include <algorithm>
#include <filesystem>
#include <set>

#include "devenv/core/digest.hpp"
#include "devenv/core/json.hpp"
#include "tests/integration/forge_publish/workshop.hpp"

namespace photon::forge::tests {
namespace {

using testing::MatchesRegex;
using testing::SizeIs;

class Documents : public PublishTest {
 protected:
  json::value document(const std::string& kind, std::size_t i = 0) {
    auto list = parse_json(text_of(repodata_file(options_.folder, "sbom.json.zst")), "the list");
    EXPECT_TRUE(list);
    const auto& entry = list->at("documents").at(i).at(kind);
    auto path = at(std::string(entry.at("path").as_string()));
    EXPECT_EQ(sha256_file(path).value_or(""), std::string(entry.at("sha256").as_string())) << path;
    return parse_json(text_of(path), path).value_or(json::value());
  }
};

std::string text(const json::value& value, std::string_view key) { return text_or(value, key); }

std::string checksum(const json::value& element, std::string_view algorithm) {
  for (const auto& each : element.at("checksums").as_array())
    if (each.at("algorithm").as_string() == algorithm)
      return std::string(each.at("checksumValue").as_string());
  return {};
}

/// The rules of SPDX 2.3 that concern what we write: clauses 6 (document), 7 (package), 8 (file), 11
/// (relations).
void expect_valid_spdx(const json::value& document) {
  EXPECT_EQ(text(document, "spdxVersion"), "SPDX-2.3");
  EXPECT_EQ(text(document, "dataLicense"), "CC0-1.0");
  EXPECT_EQ(text(document, "SPDXID"), "SPDXRef-DOCUMENT");
  EXPECT_THAT(text(document, "documentNamespace"), MatchesRegex("urn:[^#]+"));
  EXPECT_THAT(text(document.at("creationInfo"), "created"),
              MatchesRegex("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"));
  for (const auto& creator : document.at("creationInfo").at("creators").as_array())
    EXPECT_THAT(std::string(creator.as_string()), MatchesRegex("(Tool|Organization|Person): .+"));
  std::set<std::string> ids = {"SPDXRef-DOCUMENT"};
  auto take_id = [&](const json::value& element) {
    auto id = text(element, "SPDXID");
    EXPECT_THAT(id, MatchesRegex("SPDXRef-[A-Za-z0-9.-]+"));
    EXPECT_TRUE(ids.insert(id).second) << id << " is there twice";
  };
  for (const auto& package : document.at("packages").as_array()) {
    take_id(package);
    for (const char* key : {"name", "downloadLocation"}) EXPECT_NE(text(package, key), "") << key;
    EXPECT_THAT(checksum(package, "SHA256"), MatchesRegex("[0-9a-f]{64}"));
    EXPECT_EQ(flag_or(package, "filesAnalyzed"), member(package, "packageVerificationCode") != nullptr);
  }
  for (const auto& file : document.at("files").as_array()) {
    take_id(file);
    EXPECT_THAT(text(file, "fileName"), MatchesRegex("\\./.+"));
    EXPECT_THAT(checksum(file, "SHA1"), MatchesRegex("[0-9a-f]{40}"));
  }
  for (const auto& relation : document.at("relationships").as_array())
    for (const char* end : {"spdxElementId", "relatedSpdxElement"})
      EXPECT_TRUE(ids.contains(text(relation, end))) << text(relation, end);
}

TEST_F(Documents, ABillOfMaterialsIsValidAndNamesEachFileByDigest) {
  must_publish({built({.license = "MIT and Public-Domain"})});
  auto document = this->document("sbom");
  expect_valid_spdx(document);
  const auto& package = document.at("packages").at(0);
  EXPECT_EQ(text(package, "name"), "apple");
  EXPECT_EQ(text(package, "licenseDeclared"), "MIT AND LicenseRef-Public-Domain");
  EXPECT_EQ(text(document.at("hasExtractedLicensingInfos").at(0), "extractedText"), "Public-Domain");
  EXPECT_EQ(text(package.at("externalRefs").at(0), "referenceLocator"),
            "pkg:rpm/photon/apple@1.0-1?arch=x86_64");
  EXPECT_EQ(checksum(package, "SHA256"),
            sha256_file(at(read_repository(options_.folder).packages.at(0))).value());
  std::map<std::string, std::string> files, short_sums;
  for (const auto& file : document.at("files").as_array()) {
    files[text(file, "fileName")] = checksum(file, "SHA256");
    short_sums[text(file, "fileName")] = checksum(file, "SHA1");
  }
  EXPECT_THAT(files, SizeIs(3)) << "two names of one file, an empty one; no ghost, no link";
  EXPECT_EQ(files["./usr/share/apple/taste"], sha256_hex("apple 1.0\n"));
  EXPECT_EQ(files["./usr/share/apple/again"], sha256_hex("apple 1.0\n"));
  EXPECT_EQ(short_sums["./usr/share/apple/empty"], "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  EXPECT_EQ(text(document.at("packages").at(1), "name"), "apple.tar.xz");
}

TEST_F(Documents, AStatementNamesThePublishedFileItsSourcesAndItsBuild) {
  auto apple = built({});
  must_publish({apple});
  auto statement = document("provenance");
  EXPECT_EQ(text(statement, "_type"), "https://in-toto.io/Statement/v1");
  EXPECT_EQ(text(statement, "predicateType"), "https://slsa.dev/provenance/v1");
  auto signed_sha256 = sha256_file(at(read_repository(options_.folder).packages.at(0))).value();
  EXPECT_EQ(text(statement.at("subject").at(0).at("digest"), "sha256"), signed_sha256);
  EXPECT_EQ(text(statement.at("subject").at(1).at("digest"), "sha256"), apple.outputs[0].sha256);
  const auto& definition = statement.at("predicate").at("buildDefinition");
  EXPECT_THAT(text(definition, "buildType"), MatchesRegex("urn:.*:rpm-from-source:v1"));
  EXPECT_EQ(text(definition.at("externalParameters"), "recipe"), "apple");
  const auto& inputs = definition.at("resolvedDependencies");
  EXPECT_EQ(text(inputs.at(0), "name"), "apple.tar.xz");
  EXPECT_EQ(text(inputs.at(1).at("annotations"), "role"), "build-dependency");
  const auto& run = statement.at("predicate").at("runDetails");
  EXPECT_EQ(text(run.at("metadata"), "startedOn"), "2023-11-14T22:13:20Z");
  EXPECT_NE(text(run.at("builder"), "id"), "");
}

TEST_F(Documents, AnImportSaysWhereItComesFrom) {
  must_publish({built({.origin = Origin::import})});
  EXPECT_EQ(text(document("sbom").at("packages").at(0), "originator"), "Organization: Debian");
  EXPECT_THAT(text(document("provenance").at("predicate").at("buildDefinition"), "buildType"),
              MatchesRegex(".*:rpm-from-binary:v1"));
}

}  // namespace
}  // namespace photon::forge::tests
