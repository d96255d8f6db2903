#include "packages/forge/publish/advisories.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <set>

#include "devenv/config/toml.hpp"
#include "devenv/core/fd.hpp"
#include "devenv/core/text.hpp"
#include "packages/forge/publish/createrepo.hpp"

namespace photon::forge {
namespace {

using config::Leaf;
using Type = Leaf::Type;

const std::map<std::string, std::string Advisory::*> texts = {{"id", &Advisory::id},
                                                              {"type", &Advisory::type},
                                                              {"severity", &Advisory::severity},
                                                              {"title", &Advisory::title},
                                                              {"description", &Advisory::description},
                                                              {"issued", &Advisory::issued},
                                                              {"updated", &Advisory::updated}};
const std::map<std::string, std::vector<std::string> Advisory::*> lists = {
    {"cves", &Advisory::cves}, {"links", &Advisory::links}, {"packages", &Advisory::packages}};
constexpr std::array required = {"id", "type", "severity", "title", "description", "issued", "packages"};

tl::unexpected<Error> bad(Place place, std::string message, std::string hint = {}) {
  return fail_at(std::move(place), Kind::usage, "publish.advisory", std::move(message), std::move(hint));
}

bool digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool is_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  auto year = text.substr(0, 4), month = text.substr(5, 2), day = text.substr(8, 2);
  return digits(year) && digits(month) && digits(day) && month >= "01" && month <= "12" && day >= "01" &&
         day <= "31";
}

bool is_cve(std::string_view text) {
  return text.size() >= 13 && text.starts_with("CVE-") && digits(text.substr(4, 4)) && text[8] == '-' &&
         digits(text.substr(9));
}

bool is_link(const std::string& text) {
  return text.starts_with("https://") && text.find_first_of(" \t\n\"<>") == std::string::npos;
}

bool is_package(const std::string& text) { return parse_file_name(text + ".noarch.rpm").has_value(); }

/// The line of an element of a list that may go over several.
Place place_of(const Leaf& leaf, const std::string& item, const std::string& text) {
  Place place = leaf.place;
  auto at = text.find(toml_text(item), leaf.begin);
  if (at == std::string::npos || at >= leaf.end) return place;
  place.line += static_cast<unsigned>(std::count(text.begin() + static_cast<std::ptrdiff_t>(leaf.begin),
                                                 text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
  place.column = static_cast<unsigned>(at - (at == 0 ? 0 : text.rfind('\n', at) + 1)) + 1;
  return place;
}

Result<void> check_text(const std::string& key, const std::string& value, const Place& place) {
  static const std::set<std::string> types = {"security", "bugfix", "enhancement", "newpackage"};
  static const std::set<std::string> severities = {"Critical", "Important", "Moderate", "Low", "None"};
  if (value.empty()) return bad(place, key + " is empty");
  if (key == "type" && !types.contains(value))
    return bad(place, fmt::format("{:?} is no type", value), "security, bugfix, enhancement or newpackage");
  if (key == "severity" && !severities.contains(value))
    return bad(place, fmt::format("{:?} is no severity", value),
               "Critical, Important, Moderate, Low or None");
  if ((key == "issued" || key == "updated") && !is_date(value))
    return bad(place, fmt::format("{:?} is no date", value), "as in 2026-11-27");
  return {};
}

Result<void> check_item(const std::string& key, const std::string& value, const Place& place) {
  if (key == "cves" && !is_cve(value))
    return bad(place, fmt::format("{:?} is no CVE", value), "as in CVE-2026-12345");
  if (key == "links" && !is_link(value)) return bad(place, fmt::format("{:?} is no https address", value));
  if (key == "packages" && !is_package(value))
    return bad(place, fmt::format("{:?} is no name, version and release", value),
               "as in openssl-libs-3.5.2-1");
  return {};
}

Result<void> take(Advisory& advisory, const Leaf& leaf, const std::string& text) {
  const auto& key = leaf.path.back();
  if (leaf.path.size() == 1 && texts.contains(key)) {
    if (leaf.type != Type::text) return bad(leaf.place, key + " must be a text");
    PHOTON_CHECK(check_text(key, leaf.text, leaf.place));
    advisory.*texts.at(key) = leaf.text;
    return {};
  }
  if (leaf.path.size() == 1 && lists.contains(key)) {
    if (leaf.type != Type::list) return bad(leaf.place, key + " must be a list of texts");
    for (const auto& item : leaf.list) PHOTON_CHECK(check_item(key, item, place_of(leaf, item, text)));
    advisory.*lists.at(key) = leaf.list;
    return {};
  }
  if (leaf.path.size() == 1 && key == "reboot" && leaf.type == Type::other) {
    auto value = std::string_view(text).substr(leaf.begin, leaf.end - leaf.begin);
    if (value == "true" || value == "false") {
      advisory.reboot = value == "true";
      return {};
    }
  }
  if (key == "reboot") return bad(leaf.place, "reboot must be true or false");
  return bad(leaf.place, fmt::format("an advisory has no {:?}", key),
             "id, type, severity, title, description, issued, updated, cves, links, packages, reboot");
}

char* keep(GStringChunk* chunk, const std::string& text) {
  return g_string_chunk_insert(chunk, text.c_str());
}

void add_reference(cr_UpdateRecord* record, const char* type, const std::string& id,
                   const std::string& link) {
  auto* reference = cr_updatereference_new();
  reference->type = keep(reference->chunk, type);
  reference->id = keep(reference->chunk, id);
  reference->title = reference->id;
  reference->href = keep(reference->chunk, link);
  cr_updaterecord_append_reference(record, reference);
}

/// Of the architecture in which the repository has the package, whatever version that is by now.
std::size_t add_packages(cr_UpdateRecord* record, const Advisory& advisory,
                         const std::vector<Chosen>& published) {
  auto* collection = cr_updatecollection_new();
  collection->shortname = keep(collection->chunk, "photon");
  collection->name = keep(collection->chunk, "Photon Workstation");
  std::size_t count = 0;
  for (const auto& text : advisory.packages) {
    auto mended = parse_file_name(text + ".noarch.rpm").value();
    auto at = std::find_if(published.begin(), published.end(),
                           [&](const auto& one) { return one.name == mended.name; });
    if (at == published.end()) continue;
    auto* package = cr_updatecollectionpackage_new();
    auto colon = mended.version.find(':');
    package->name = keep(package->chunk, mended.name);
    package->epoch = keep(package->chunk, colon == std::string::npos ? "0" : mended.version.substr(0, colon));
    package->version =
        keep(package->chunk, colon == std::string::npos ? mended.version : mended.version.substr(colon + 1));
    package->release = keep(package->chunk, mended.release);
    package->arch = keep(package->chunk, at->arch);
    package->filename = keep(package->chunk, fmt::format("{}-{}-{}.{}.rpm", mended.name, package->version,
                                                         mended.release, at->arch));
    package->src = keep(package->chunk, "");
    package->reboot_suggested = advisory.reboot ? TRUE : FALSE;
    cr_updatecollection_append_package(collection, package);
    ++count;
  }
  cr_updaterecord_append_collection(record, collection);
  return count;
}

}  // namespace

Result<Advisory> read_advisory(const std::string& text, const std::string& file) {
  PHOTON_TRY(auto leaves, config::read_toml(text, file));
  Advisory advisory;
  std::set<std::string> seen;
  for (const auto& leaf : leaves) {
    PHOTON_CHECK(take(advisory, leaf, text));
    seen.insert(leaf.path.back());
  }
  for (const char* key : required)
    if (!seen.contains(key)) return bad({file, 1, 1}, fmt::format("the advisory has no {}", key));
  auto stem = std::filesystem::path(file).stem().string();
  if (advisory.id != stem)
    return bad({file, 1, 1}, fmt::format("the advisory {} lies in a file named {}", advisory.id, stem));
  if (advisory.packages.empty()) return bad({file, 1, 1}, "the advisory names no package");
  if (advisory.updated.empty()) advisory.updated = advisory.issued;
  return advisory;
}

Result<std::vector<Advisory>> read_advisories(const std::string& folder) {
  std::error_code error;
  std::set<std::filesystem::path> files;
  if (!folder.empty())
    for (const auto& entry : std::filesystem::directory_iterator(folder, error))
      if (entry.path().extension() == ".toml") files.insert(entry.path());
  if (error && error != std::errc::no_such_file_or_directory)
    return fail_errno("read " + folder, error.value());
  std::vector<Advisory> advisories;
  for (const auto& file : files) {
    PHOTON_TRY(auto text, read_file(file, 1 << 20));
    PHOTON_TRY(auto advisory, read_advisory(text, file));
    advisories.push_back(std::move(advisory));
  }
  return advisories;
}

Result<std::string> make_updateinfo(const std::vector<Advisory>& advisories,
                                    const std::vector<Chosen>& published) {
  start_createrepo();
  CrUpdateInfo info(cr_updateinfo_new());
  for (const auto& advisory : advisories) {
    auto* record = cr_updaterecord_new();
    record->from = keep(record->chunk, "Photon Workstation");
    record->status = keep(record->chunk, "final");
    record->version = keep(record->chunk, "1");
    record->type = keep(record->chunk, advisory.type);
    record->severity = keep(record->chunk, advisory.severity);
    record->id = keep(record->chunk, advisory.id);
    record->title = keep(record->chunk, advisory.title);
    record->summary = record->title;
    record->description = keep(record->chunk, advisory.description);
    record->issued_date = keep(record->chunk, advisory.issued + " 00:00:00");
    record->updated_date = keep(record->chunk, advisory.updated + " 00:00:00");
    record->reboot_suggested = advisory.reboot ? TRUE : FALSE;
    for (const auto& cve : advisory.cves)
      add_reference(record, "cve", cve, "https://www.cve.org/CVERecord?id=" + cve);
    for (const auto& link : advisory.links) add_reference(record, "other", link, link);
    if (add_packages(record, advisory, published) > 0)
      cr_updateinfo_apped_record(info.get(), record);
    else
      cr_updaterecord_free(record);
  }
  CrFault fault;
  CrText text(cr_xml_dump_updateinfo(info.get(), Out(fault)));
  if (!text) return createrepo_failed("cannot write updateinfo.xml", fault);
  return std::string(text.get());
}

}  // namespace photon::forge
