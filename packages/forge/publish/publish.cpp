#include "packages/forge/publish/publish.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>

#include "devenv/core/checkpoint.hpp"
#include "devenv/core/digest.hpp"
#include "devenv/core/fd.hpp"
#include "packages/forge/publish/advisories.hpp"
#include "packages/forge/publish/generation.hpp"
#include "packages/forge/publish/lock.hpp"
#include "packages/forge/publish/metadata.hpp"
#include "packages/forge/publish/place.hpp"
#include "packages/forge/publish/prune.hpp"
#include "packages/forge/publish/sign.hpp"

namespace photon::forge {
namespace {

constexpr std::string_view format_version = "1";  // another one publishes everything anew

/// Of all that decides what a reader sees.
std::string input_of(const std::vector<Chosen>& chosen, const std::string& updateinfo,
                     const SigningKey& key) {
  Sha256 sum;
  sum.update(fmt::format("{}\n{}\n{}\n", format_version, key.fingerprint, sha256_hex(updateinfo)));
  for (const auto& each : chosen)
    sum.update(fmt::format("{} {} {} {} {}\n", each.file.name, each.file.sha256, each.built->key,
                           each.built->started, each.built->origin == Origin::source));
  return sum.hex();
}

bool is_present(const std::string& folder, const Generation& generation, const std::string& input) {
  auto there = [&](const Member& member) { return all_there(folder, member); };
  auto file = [&](const std::string& name) {
    return ::access((folder + "/repodata/" + name).c_str(), F_OK) == 0;
  };
  return generation.input == input &&
         std::all_of(generation.members.begin(), generation.members.end(), there) &&
         std::all_of(generation.files.begin(), generation.files.end(), file) && file("repomd.xml") &&
         file("repomd.xml.asc");
}

Published unchanged(const Generation& generation) {
  return {.changed = false, .packages = generation.members.size(), .repomd_sha256 = generation.repomd_sha256};
}

/// Second names for what readers of earlier generations may still ask for in `repodata`.
Result<void> keep_files(const std::string& folder, const std::string& fresh, const Generation* present,
                        unsigned keep) {
  PHOTON_TRY(auto earlier, earlier_generations(folder));
  std::vector<std::string> files;
  if (present && keep > 1) files = present->files;
  for (std::size_t i = 0; i < earlier.size() && i + 2 < keep; ++i)
    files.insert(files.end(), earlier[i].generation.files.begin(), earlier[i].generation.files.end());
  for (const auto& file : files) {
    if (file.find('/') != std::string::npos) continue;
    auto from = folder + "/repodata/" + file, to = fresh + "/" + file;
    if (::link(from.c_str(), to.c_str()) < 0 && errno != EEXIST && errno != ENOENT)
      return fail_errno("keep " + from, errno);
  }
  return {};
}

Result<void> write_repodata(const std::string& fresh, const std::string& folder, Generation& made,
                            const std::string& updateinfo, bool has_advisories, const SigningKey& key,
                            const Work& work) {
  std::vector<Listed> listed;
  for (const auto& member : made.members)
    listed.push_back({folder + "/" + member.href, member.href, member.sha256});
  PHOTON_TRY(auto texts, describe(listed, work));
  std::vector<Metadata> files;
  auto add = [&](const char* type, const char* name, const std::string& text) -> Result<void> {
    PHOTON_TRY(auto file, write_metadata(fresh, type, name, text));
    made.files.push_back(file.file);
    files.push_back(std::move(file));
    return {};
  };
  PHOTON_CHECK(add("primary", "primary.xml", texts.primary));
  PHOTON_CHECK(add("filelists", "filelists.xml", texts.filelists));
  PHOTON_CHECK(add("other", "other.xml", texts.other));
  if (has_advisories) PHOTON_CHECK(add("updateinfo", "updateinfo.xml", updateinfo));
  PHOTON_CHECK(add("sbom", "sbom.json", list_documents(made.members)));
  PHOTON_TRY(auto repomd, make_repomd(files, made.revision));
  made.repomd_sha256 = sha256_hex(repomd);
  PHOTON_TRY(auto signature, signature_of(repomd, key, work));
  PHOTON_CHECK(put(fresh + "/repomd.xml", repomd));
  PHOTON_CHECK(put(fresh + "/repomd.xml.asc", signature));
  PHOTON_CHECK(put(fresh + "/repomd.xml.key", key.public_key));
  return put(fresh + state_file, to_text(made));
}

}  // namespace

Result<Published> publish(const std::vector<Built>& packages, const PublishOptions& options,
                          const SigningKey& key, Store& store, const Work& work) {
  const auto& folder = options.folder;
  PHOTON_TRY(auto chosen, choose(packages, options.arch));
  if (chosen.empty())
    return fail(Kind::usage, "publish.nothing", "there is no package for " + options.arch + " to publish",
                "forge build --all --arch " + options.arch + " makes them");
  PHOTON_TRY(auto advisories, read_advisories(options.advisories));
  PHOTON_TRY(auto updateinfo, make_updateinfo(advisories, chosen));
  auto input = input_of(chosen, updateinfo, key);
  PHOTON_TRY(auto present, read_generation(folder + "/repodata"));
  if (present && is_present(folder, *present, input)) return unchanged(*present);

  PHOTON_CHECK(make_directories(folder, 0755));
  PHOTON_TRY(auto lock, lock_file(folder + "/.lock", work));
  PHOTON_CHECK(recover(folder));
  PHOTON_TRY(present, read_generation(folder + "/repodata"));  // another publisher may have been here
  if (present && is_present(folder, *present, input)) return unchanged(*present);
  const auto* before = present ? &*present : nullptr;

  PHOTON_TRY(auto copies, sign(chosen, key, store, work));
  checkpoint("publish.signed");
  // Rising, whatever the clock does: a reader takes an older one for a replay.
  Generation made{.input = input,
                  .revision = std::max<std::int64_t>(std::time(nullptr), before ? before->revision + 1 : 1)};
  PHOTON_TRY(made.members, place_all(folder, chosen, copies, before, store, work));
  checkpoint("publish.placed");
  auto fresh = folder + "/.incoming/repodata";
  PHOTON_CHECK(make_directories(fresh, 0755));
  PHOTON_CHECK(write_repodata(fresh, folder, made, updateinfo, !advisories.empty(), key, work));
  PHOTON_CHECK(keep_files(folder, fresh, before, options.keep));
  PHOTON_CHECK(put(folder + "/RPM-GPG-KEY-photon", key.public_key));
  if (work.stopped()) return cancelled();
  PHOTON_CHECK(switch_generation(folder));
  PHOTON_CHECK(prune_locked(folder, std::max(options.keep, 1U)));
  return Published{.changed = true, .packages = made.members.size(), .repomd_sha256 = made.repomd_sha256};
}

}  // namespace photon::forge
