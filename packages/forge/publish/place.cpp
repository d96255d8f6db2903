#include "packages/forge/publish/place.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <map>

#include "devenv/core/digest.hpp"
#include "devenv/core/fd.hpp"
#include "devenv/core/json.hpp"
#include "packages/forge/publish/documents.hpp"
#include "packages/forge/publish/parallel.hpp"

namespace photon::forge {
namespace {

constexpr std::string_view documents_version = "1";

std::string key_of(const Chosen& chosen, const Signed& copy) {
  return sha256_hex(fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n", documents_version, copy.sha256, chosen.built->key,
                                chosen.built->started, chosen.built->origin == Origin::source,
                                chosen.file.sha256));
}

/// A second name for the signed copy; a copy of it on another file system.
Result<void> place_package(const std::string& from, const std::string& to) {
  PHOTON_CHECK(make_directories(std::filesystem::path(to).parent_path(), 0755));
  if (::link(from.c_str(), to.c_str()) == 0 || errno == EEXIST) return {};
  if (errno != EXDEV && errno != EPERM && errno != EMLINK) return fail_errno("write " + to, errno);
  auto beside = to + ".new";
  std::error_code error;
  std::filesystem::copy_file(from, beside, std::filesystem::copy_options::overwrite_existing, error);
  if (error) return fail_errno("write " + beside, error.value());
  if (::chmod(beside.c_str(), 0644) < 0 || ::rename(beside.c_str(), to.c_str()) < 0)
    return fail_errno("write " + to, errno);
  return {};
}

Result<Member> place_one(const std::string& repository, const Chosen& chosen, const Signed& copy,
                         const Store& store) {
  auto unsigned_rpm = store.path_of(chosen.file);
  PHOTON_TRY(auto package, rpm::read_package(unsigned_rpm));
  if (package.nevra.name != chosen.name || package.nevra.arch != chosen.arch)
    return fail(Kind::corrupt, "publish.name",
                fmt::format("{} holds the package {}", chosen.file.name, rpm::to_string(package.nevra)));
  auto stem = chosen.file.name.substr(0, chosen.file.name.size() - 4);
  Member member{.key = key_of(chosen, copy),
                .name = chosen.name,
                .arch = chosen.arch,
                .origin = chosen.built->origin,
                .href = "packages/" + copy.sha256.substr(0, 16) + "/" + chosen.file.name,
                .sha256 = copy.sha256,
                .installed = package.installed_size};
  PHOTON_TRY(auto spdx, make_spdx(chosen, copy, package, unsigned_rpm));
  auto statement = make_provenance(chosen, copy);
  member.sbom_sha256 = sha256_hex(spdx);
  member.provenance_sha256 = sha256_hex(statement);
  member.sbom = fmt::format("sbom/{}-{}.spdx.json", member.sbom_sha256.substr(0, 16), stem);
  member.provenance =
      fmt::format("provenance/{}-{}.intoto.json", member.provenance_sha256.substr(0, 16), stem);
  PHOTON_CHECK(put(repository + "/" + member.sbom, spdx));
  PHOTON_CHECK(put(repository + "/" + member.provenance, statement));
  PHOTON_CHECK(place_package(copy.path, repository + "/" + member.href));
  return member;
}

bool is_there(const std::string& path) {
  struct stat about{};
  return ::stat(path.c_str(), &about) == 0 && S_ISREG(about.st_mode) && about.st_size > 0;
}

}  // namespace

Result<void> put(const std::string& path, const std::string& bytes) {
  auto beside = path + ".new";
  {
    PHOTON_TRY(auto fd, open_fd(beside, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0644));
    PHOTON_CHECK(write_all(fd.get(), bytes));
  }
  if (::rename(beside.c_str(), path.c_str()) < 0) return fail_errno("write " + path, errno);
  return {};
}

bool all_there(const std::string& repository, const Member& member) {
  return is_there(repository + "/" + member.href) && is_there(repository + "/" + member.sbom) &&
         is_there(repository + "/" + member.provenance);
}

Result<std::vector<Member>> place_all(const std::string& repository, const std::vector<Chosen>& chosen,
                                      const std::vector<Signed>& copies, const Generation* before,
                                      Store& store, const Work& work) {
  std::map<std::string, const Member*> known;
  if (before)
    for (const auto& member : before->members) known.emplace(member.key, &member);
  for (const char* folder : {"/packages", "/sbom", "/provenance"})
    PHOTON_CHECK(make_directories(repository + folder, 0755));
  std::vector<Member> members(chosen.size());
  PHOTON_CHECK(in_parallel(chosen.size(), "place", work, [&](std::size_t i) -> Result<void> {
    auto at = known.find(key_of(chosen[i], copies[i]));
    if (at != known.end() && all_there(repository, *at->second)) {
      members[i] = *at->second;
      return {};
    }
    PHOTON_TRY(members[i], place_one(repository, chosen[i], copies[i], store));
    return {};
  }));
  return members;
}

std::string list_documents(const std::vector<Member>& members) {
  json::array all;
  auto file = [](const std::string& path, const std::string& sha256) {
    return json::object{{"path", path}, {"sha256", sha256}};
  };
  for (const auto& member : members)
    all.push_back(json::object{{"name", member.name},
                               {"arch", member.arch},
                               {"origin", member.origin == Origin::source ? "source" : "import"},
                               {"installed", member.installed},
                               {"package", file(member.href, member.sha256)},
                               {"sbom", file(member.sbom, member.sbom_sha256)},
                               {"provenance", file(member.provenance, member.provenance_sha256)}});
  return write_json(json::object{{"version", 1}, {"documents", std::move(all)}}) + "\n";
}

}  // namespace photon::forge
