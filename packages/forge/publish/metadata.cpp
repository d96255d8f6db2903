#include "packages/forge/publish/metadata.hpp"

#include "devenv/core/digest.hpp"
#include "devenv/core/fd.hpp"
#include "packages/forge/publish/compress.hpp"
#include "packages/forge/publish/createrepo.hpp"
#include "packages/forge/publish/parallel.hpp"

namespace photon::forge {
namespace {

constexpr int changelog_entries = 10;
constexpr std::string_view declaration = R"(<?xml version="1.0" encoding="UTF-8"?>)";

Result<Texts> describe_one(const Listed& listed) {
  CrFault fault;
  CrPackage package(cr_package_from_rpm(listed.path.c_str(), CR_CHECKSUM_SHA256, listed.href.c_str(), nullptr,
                                        changelog_entries, nullptr, CR_HDRR_NONE, Out(fault)));
  if (!package) return createrepo_failed("cannot read " + listed.path, fault);
  if (listed.sha256 != package->pkgId)
    return fail(Kind::corrupt, "publish.cache",
                fmt::format("{} has the digest {} where {} was expected", listed.path, package->pkgId,
                            listed.sha256));
  auto xml = cr_xml_dump(package.get(), Out(fault));
  CrText primary(xml.primary), filelists(xml.filelists), other(xml.other);
  if (fault || !primary || !filelists || !other)
    return createrepo_failed("cannot describe " + listed.path, fault);
  return Texts{primary.get(), filelists.get(), other.get()};
}

std::string document(std::string_view element, std::string_view names, std::size_t count,
                     const std::vector<Texts>& parts, std::string Texts::* which) {
  auto text = fmt::format("{}\n<{} {} packages=\"{}\">\n", declaration, element, names, count);
  for (const auto& part : parts) text += part.*which;
  return text + fmt::format("</{}>", element);
}

}  // namespace

Result<Texts> describe(const std::vector<Listed>& packages, const Work& work) {
  start_createrepo();
  std::vector<Texts> parts(packages.size());
  PHOTON_CHECK(in_parallel(packages.size(), "metadata", work, [&](std::size_t i) -> Result<void> {
    PHOTON_TRY(parts[i], describe_one(packages[i]));
    return {};
  }));
  auto xmlns = [](const char* url) { return fmt::format("xmlns=\"{}\"", url); };
  return Texts{document("metadata", xmlns(CR_XML_COMMON_NS) + fmt::format(" xmlns:rpm=\"{}\"", CR_XML_RPM_NS),
                        parts.size(), parts, &Texts::primary),
               document("filelists", xmlns(CR_XML_FILELISTS_NS), parts.size(), parts, &Texts::filelists),
               document("otherdata", xmlns(CR_XML_OTHER_NS), parts.size(), parts, &Texts::other)};
}

Result<Metadata> write_metadata(const std::string& folder, const std::string& type, const std::string& name,
                                const std::string& text) {
  PHOTON_TRY(auto packed, compress_zstd(text));
  Metadata made{.type = type,
                .sha256 = sha256_hex(packed),
                .open_sha256 = sha256_hex(text),
                .size = packed.size(),
                .open_size = text.size()};
  made.file = made.sha256 + "-" + name + ".zst";
  PHOTON_CHECK(write_file(folder + "/" + made.file, packed, 0644));
  return made;
}

Result<std::string> make_repomd(const std::vector<Metadata>& files, std::int64_t revision) {
  start_createrepo();
  CrRepomd repomd(cr_repomd_new());
  cr_repomd_set_revision(repomd.get(), std::to_string(revision).c_str());
  for (const auto& file : files) {
    auto* record = cr_repomd_record_new(file.type.c_str(), nullptr);  // the list frees it
    auto keep = [&](const std::string& text) { return g_string_chunk_insert(record->chunk, text.c_str()); };
    record->location_href = keep("repodata/" + file.file);
    record->checksum = keep(file.sha256);
    record->checksum_open = keep(file.open_sha256);
    record->checksum_type = record->checksum_open_type = keep("sha256");
    record->timestamp = revision;
    record->size = static_cast<gint64>(file.size);
    record->size_open = static_cast<gint64>(file.open_size);
    cr_repomd_set_record(repomd.get(), record);
  }
  CrFault fault;
  CrText text(cr_xml_dump_repomd(repomd.get(), Out(fault)));
  if (!text) return createrepo_failed("cannot write repomd.xml", fault);
  return std::string(text.get());
}

}  // namespace photon::forge
