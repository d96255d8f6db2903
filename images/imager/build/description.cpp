#include "images/imager/build/description.hpp"

#include <boost/json/array.hpp>

#include "devenv/core/digest.hpp"
#include "packages/forge/publish/documents.hpp"
#include "packages/forge/publish/licence.hpp"
#include "packages/forge/publish/report.hpp"

namespace photon::images {
namespace {

bool is_ours(const Package& package) { return package.vendor == forge::vendor; }

json::array files_of(const Image& image) {
  json::array out;
  for (const auto& made : image.files)
    out.push_back(json::object{
        {"file", made.file}, {"sha256", made.sha256}, {"size", made.size}, {"stored", made.stored}});
  return out;
}

}  // namespace

json::object describe(const Definition& definition, const Plan& plan, const Image& image, const Boot& boot,
                      const std::string& arch) {
  json::array packages;
  std::uint64_t from_source = 0, bytes_from_source = 0;
  for (const auto& one : plan.packages) {
    from_source += is_ours(one) ? 1 : 0;
    bytes_from_source += is_ours(one) ? one.installed_size : 0;
    packages.push_back(json::object{{"name", one.nevra.name},
                                    {"version", rpm::to_string(one.nevra.evr)},
                                    {"arch", one.nevra.arch},
                                    {"origin", is_ours(one) ? "source" : "import"},
                                    {"bytes", one.installed_size},
                                    {"sha256", one.sha256}});
  }
  json::object out{{"name", definition.name},
                   {"summary", definition.summary},
                   {"arch", arch},
                   {"key", image.key},
                   {"date", forge::utc(plan.date)},
                   {"files", files_of(image)},
                   {"total", plan.packages.size()},
                   {"from_source", from_source},
                   {"bytes", plan.installed_size},
                   {"bytes_from_source", bytes_from_source},
                   {"packages", std::move(packages)}};
  if (!boot.kernel.empty())
    out["boot"] = json::object{{"kernel", boot.kernel}, {"command_line", boot.command_line}};
  return out;
}

Result<std::string> make_spdx(const Definition& definition, const Plan& plan, const std::string& key) {
  json::array packages, relations;
  std::map<std::string, std::string> extracted;
  packages.push_back(json::object{{"SPDXID", "SPDXRef-Image"},
                                  {"name", "photon-" + definition.name},
                                  {"versionInfo", key.substr(0, 16)},
                                  {"supplier", "Organization: Photon Workstation"},
                                  {"downloadLocation", "NOASSERTION"},
                                  {"filesAnalyzed", false},
                                  {"licenseConcluded", "NOASSERTION"},
                                  {"licenseDeclared", "NOASSERTION"},
                                  {"copyrightText", "NOASSERTION"},
                                  {"primaryPackagePurpose", "OPERATING-SYSTEM"}});
  relations.push_back(json::object{{"spdxElementId", "SPDXRef-DOCUMENT"},
                                   {"relationshipType", "DESCRIBES"},
                                   {"relatedSpdxElement", "SPDXRef-Image"}});
  for (const auto& one : plan.packages) {
    auto id = fmt::format("SPDXRef-Package-{}", packages.size());
    auto licence = forge::licence_of(one.license);
    extracted.insert(licence.extracted.begin(), licence.extracted.end());
    packages.push_back(json::object{
        {"SPDXID", id},
        {"name", one.nevra.name},
        {"versionInfo", rpm::to_string(one.nevra.evr)},
        {"summary", one.summary},
        {"supplier", "Organization: Photon Workstation"},
        {"originator", is_ours(one) ? "NOASSERTION" : "Organization: Debian"},
        {"downloadLocation", "NOASSERTION"},
        {"filesAnalyzed", false},
        {"checksums", json::array{json::object{{"algorithm", "SHA256"}, {"checksumValue", one.sha256}}}},
        {"licenseConcluded", "NOASSERTION"},
        {"licenseDeclared", licence.expression},
        {"copyrightText", "NOASSERTION"}});
    relations.push_back(json::object{
        {"spdxElementId", "SPDXRef-Image"}, {"relationshipType", "CONTAINS"}, {"relatedSpdxElement", id}});
  }
  json::array licences;
  for (const auto& [id, text] : extracted)
    licences.push_back(json::object{{"licenseId", id}, {"extractedText", text}});
  json::object out{{"spdxVersion", "SPDX-2.3"},
                   {"dataLicense", "CC0-1.0"},
                   {"SPDXID", "SPDXRef-DOCUMENT"},
                   {"name", "photon-" + definition.name},
                   {"documentNamespace", "urn:photon-workstation:image:" + definition.name + ":" + key},
                   {"creationInfo", json::object{{"created", forge::utc(plan.date)},
                                                 {"creators", json::array{"Tool: photon-imager"}}}},
                   {"packages", std::move(packages)},
                   {"relationships", std::move(relations)}};
  if (!licences.empty()) out["hasExtractedLicensingInfos"] = std::move(licences);
  return write_json_pretty(out);
}

}  // namespace photon::images
