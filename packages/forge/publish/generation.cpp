#include "packages/forge/publish/generation.hpp"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "devenv/core/checkpoint.hpp"
#include "devenv/core/fd.hpp"
#include "devenv/core/json.hpp"
#include "packages/forge/publish/lock.hpp"

namespace photon::forge {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t largest_state = 64 << 20;

json::object to_json(const Member& member) {
  return {{"key", member.key},
          {"name", member.name},
          {"arch", member.arch},
          {"origin", member.origin == Origin::source ? "source" : "import"},
          {"href", member.href},
          {"sha256", member.sha256},
          {"sbom", member.sbom},
          {"sbom_sha256", member.sbom_sha256},
          {"provenance", member.provenance},
          {"provenance_sha256", member.provenance_sha256},
          {"installed", member.installed}};
}

Member member_from(const json::value& value) {
  return {.key = text_or(value, "key"),
          .name = text_or(value, "name"),
          .arch = text_or(value, "arch"),
          .origin = text_or(value, "origin") == "source" ? Origin::source : Origin::import,
          .href = text_or(value, "href"),
          .sha256 = text_or(value, "sha256"),
          .sbom = text_or(value, "sbom"),
          .sbom_sha256 = text_or(value, "sbom_sha256"),
          .provenance = text_or(value, "provenance"),
          .provenance_sha256 = text_or(value, "provenance_sha256"),
          .installed = static_cast<std::uint64_t>(std::max<std::int64_t>(0, number_or(value, "installed")))};
}

/// Moves a generation that is no longer the present one beside the others.
Result<void> retire(const std::string& repository, const std::string& folder, std::int64_t revision) {
  auto generations = repository + "/.generations";
  PHOTON_CHECK(make_directories(generations, 0755));
  auto place = generations + "/" + std::to_string(revision);
  PHOTON_CHECK(remove_tree(place));
  if (::rename(folder.c_str(), place.c_str()) < 0) return fail_errno("move " + folder, errno);
  return {};
}

}  // namespace

std::string to_text(const Generation& generation) {
  json::array files, members;
  for (const auto& file : generation.files) files.emplace_back(file);
  for (const auto& member : generation.members) members.push_back(to_json(member));
  return write_json(json::object{{"input", generation.input},
                                 {"revision", generation.revision},
                                 {"repomd", generation.repomd_sha256},
                                 {"files", std::move(files)},
                                 {"members", std::move(members)}}) +
         "\n";
}

Result<std::optional<Generation>> read_generation(const std::string& repodata) {
  auto file = repodata + state_file;
  if (::access(file.c_str(), F_OK) != 0) {
    if (::access(repodata.c_str(), F_OK) != 0) return std::optional<Generation>();
    return fail(Kind::conflict, "publish.foreign", repodata + " was not made by forge",
                "publish into another folder, or remove it");
  }
  PHOTON_TRY(auto text, read_file(file, largest_state));
  auto value = parse_json(text, file, largest_state);
  if (!value || number_or(*value, "revision") <= 0 || text_or(*value, "input").empty())
    return fail(Kind::corrupt, "publish.state", file + " is damaged",
                "remove " + repodata + " and publish again");
  Generation generation{.input = text_or(*value, "input"),
                        .revision = number_or(*value, "revision"),
                        .repomd_sha256 = text_or(*value, "repomd")};
  if (const auto* files = member(*value, "files"); files && files->is_array())
    for (const auto& each : files->get_array())
      if (each.is_string()) generation.files.emplace_back(each.get_string());
  if (const auto* members = member(*value, "members"); members && members->is_array())
    for (const auto& each : members->get_array()) generation.members.push_back(member_from(each));
  return generation;
}

Result<std::vector<Earlier>> earlier_generations(const std::string& repository) {
  std::vector<Earlier> earlier;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(repository + "/.generations", error)) {
    auto generation = read_generation(entry.path());
    if (generation && *generation) earlier.push_back({entry.path(), **std::move(generation)});
  }
  std::sort(earlier.begin(), earlier.end(),
            [](const auto& a, const auto& b) { return a.generation.revision > b.generation.revision; });
  return earlier;
}

Result<void> recover(const std::string& repository) {
  auto incoming = repository + "/.incoming";
  PHOTON_TRY(auto present, read_generation(repository + "/repodata"));
  auto left = read_generation(incoming + "/repodata");
  // Killed between the exchange and the move: what lies there was seen by readers a moment ago.
  if (present && left && *left && (*left)->revision < present->revision)
    PHOTON_CHECK(retire(repository, incoming + "/repodata", (*left)->revision));
  return remove_tree(incoming);
}

Result<void> switch_generation(const std::string& repository) {
  auto fresh = repository + "/.incoming/repodata", seen = repository + "/repodata";
  PHOTON_TRY(auto present, read_generation(seen));
  // All that readers will follow from the new repomd.xml is on the disk before it is seen.
  PHOTON_TRY(auto folder, open_fd(repository, O_RDONLY | O_DIRECTORY));
  if (::syncfs(folder.get()) < 0) return fail_errno("write " + repository, errno);
  checkpoint("publish.written");
  if (::renameat2(AT_FDCWD, fresh.c_str(), AT_FDCWD, seen.c_str(),
                  present ? RENAME_EXCHANGE : RENAME_NOREPLACE) < 0)
    return fail_errno("put the new repodata in its place in " + repository, errno);
  checkpoint("publish.switched");
  if (present) PHOTON_CHECK(retire(repository, fresh, present->revision));
  if (::fsync(folder.get()) < 0) return fail_errno("write " + repository, errno);
  return {};
}

}  // namespace photon::forge
