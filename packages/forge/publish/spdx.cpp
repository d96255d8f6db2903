#include <sys/stat.h>

#include <algorithm>
#include <ctime>
#include <set>

#include "devenv/core/json.hpp"
#include "packages/forge/publish/documents.hpp"
#include "packages/forge/publish/licence.hpp"
#include "packages/forge/publish/payload.hpp"

namespace photon::forge {
namespace {

constexpr std::uint32_t ghost = 1U << 6;  // RPMFILE_GHOST: owned, but not in the payload
constexpr std::string_view no_assertion = "NOASSERTION";

json::object checksum(std::string_view algorithm, std::string_view value) {
  return {{"algorithm", algorithm}, {"checksumValue", value}};
}

/// What purl asks for: all but letters, digits and -._~ as %XX.
std::string percent(const std::string& text) {
  std::string result;
  for (unsigned char c : text)
    result += std::isalnum(c) || c == '-' || c == '.' || c == '_' || c == '~'
                  ? std::string(1, static_cast<char>(c))
                  : fmt::format("%{:02X}", c);
  return result;
}

std::string purl(const rpm::Nevra& nevra) {
  auto text = fmt::format("pkg:rpm/photon/{}@{}-{}?arch={}", percent(nevra.name), percent(nevra.evr.version),
                          percent(nevra.evr.release), percent(nevra.arch));
  if (!nevra.evr.epoch.empty() && nevra.evr.epoch != "0") text += "&epoch=" + percent(nevra.evr.epoch);
  return text;
}

struct Files {
  json::array files{}, ids{};
  std::string verification{};  ///< SPDX's package verification code
};

Result<Files> files_of(const rpm::Package& package, const std::string& unsigned_rpm) {
  PHOTON_TRY(auto sums, sha1_by_sha256(unsigned_rpm));
  Files result;
  std::multiset<std::string> sorted;
  for (const auto& file : package.files) {
    if (!S_ISREG(file.mode) || (file.flags & ghost) != 0) continue;
    auto sum = sums.find(file.digest);
    if (sum == sums.end())
      return fail(Kind::corrupt, "publish.payload",
                  fmt::format("{} of {} has other bytes than its header says", file.path,
                              rpm::to_string(package.nevra)));
    sorted.insert(sum->second);
    auto id = fmt::format("SPDXRef-File-{}", result.files.size() + 1);
    result.ids.emplace_back(id);
    result.files.push_back(json::object{
        {"SPDXID", id},
        {"fileName", "." + file.path},
        {"checksums", json::array{checksum("SHA1", sum->second), checksum("SHA256", file.digest)}},
        {"licenseConcluded", no_assertion},
        {"licenseInfoInFiles", json::array{no_assertion}},
        {"copyrightText", no_assertion}});
  }
  std::string all;
  for (const auto& sum : sorted) all += sum;
  result.verification = sha1_hex(all);
  return result;
}

json::object describe_package(const Chosen& chosen, const Signed& published, const rpm::Package& package,
                              const Licence& licence, Files& files) {
  auto source = chosen.built->origin == Origin::source;
  json::object about{{"SPDXID", "SPDXRef-Package"},
                     {"name", package.nevra.name},
                     {"versionInfo", rpm::to_string(package.nevra.evr)},
                     {"packageFileName", chosen.file.name},
                     {"supplier", "Organization: Photon Workstation"},
                     {"originator", source ? std::string(no_assertion) : "Organization: Debian"},
                     {"downloadLocation", no_assertion},
                     {"filesAnalyzed", !files.files.empty()},
                     {"checksums", json::array{checksum("SHA256", published.sha256)}},
                     {"licenseConcluded", no_assertion},
                     {"licenseDeclared", licence.expression},
                     {"copyrightText", no_assertion},
                     {"externalRefs", json::array{json::object{{"referenceCategory", "PACKAGE-MANAGER"},
                                                               {"referenceType", "purl"},
                                                               {"referenceLocator", purl(package.nevra)}}}},
                     {"primaryPackagePurpose", "INSTALL"}};
  if (!package.summary.empty()) about["summary"] = package.summary;
  if (package.url.starts_with("http")) about["homepage"] = package.url;
  if (package.build_time > 0) about["builtDate"] = utc(package.build_time);
  if (!files.files.empty()) {
    about["packageVerificationCode"] = json::object{{"packageVerificationCodeValue", files.verification}};
    about["licenseInfoFromFiles"] = json::array{no_assertion};
    about["hasFiles"] = std::move(files.ids);
  }
  return about;
}

json::object describe_source(const Input& source, const std::string& id) {
  return {{"SPDXID", id},
          {"name", source.name},
          {"packageFileName", source.name},
          {"downloadLocation", no_assertion},
          {"filesAnalyzed", false},
          {"checksums", json::array{checksum("SHA256", source.sha256)}},
          {"licenseConcluded", no_assertion},
          {"licenseDeclared", no_assertion},
          {"copyrightText", no_assertion},
          {"primaryPackagePurpose", "SOURCE"}};
}

json::object relation(std::string_view from, std::string_view how, std::string_view to) {
  return {{"spdxElementId", from}, {"relationshipType", how}, {"relatedSpdxElement", to}};
}

}  // namespace

std::string utc(std::int64_t seconds) {
  std::time_t time = seconds;
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

Result<std::string> make_spdx(const Chosen& chosen, const Signed& published, const rpm::Package& package,
                              const std::string& unsigned_rpm) {
  PHOTON_TRY(auto files, files_of(package, unsigned_rpm));
  auto licence = licence_of(package.license);
  auto name = rpm::to_string(package.nevra);
  json::array relations{relation("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-Package")};
  for (const auto& id : files.ids)
    relations.push_back(relation("SPDXRef-Package", "CONTAINS", id.as_string()));
  json::array packages{describe_package(chosen, published, package, licence, files)};
  for (const auto& source : chosen.built->sources) {
    auto id = fmt::format("SPDXRef-Source-{}", packages.size());
    packages.push_back(describe_source(source, id));
    relations.push_back(relation("SPDXRef-Package", "GENERATED_FROM", id));
  }
  json::object document{
      {"spdxVersion", "SPDX-2.3"},
      {"dataLicense", "CC0-1.0"},
      {"SPDXID", "SPDXRef-DOCUMENT"},
      {"name", name},
      {"documentNamespace", fmt::format("urn:photon:spdx:{}:{}", percent(name), published.sha256)},
      {"creationInfo",
       json::object{
           {"created", utc(chosen.built->started + static_cast<std::int64_t>(chosen.built->seconds))},
           {"creators", json::array{"Tool: photon-forge", "Organization: Photon Workstation"}}}},
      {"documentDescribes", json::array{"SPDXRef-Package"}},
      {"packages", std::move(packages)},
      {"files", std::move(files.files)},
      {"relationships", std::move(relations)}};
  json::array extracted;
  for (const auto& [id, words] : licence.extracted)
    extracted.push_back(json::object{{"licenseId", id}, {"name", words}, {"extractedText", words}});
  if (!extracted.empty()) document["hasExtractedLicensingInfos"] = std::move(extracted);
  return write_json(document) + "\n";
}

}  // namespace photon::forge
