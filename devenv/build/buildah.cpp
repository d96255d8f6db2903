#include "devenv/build/buildah.hpp"

#include "devenv/build/sandbox.hpp"
#include "devenv/build/settings.hpp"
#include "devenv/core/derived.hpp"
#include "devenv/core/name.hpp"

namespace photon::build {

Result<void> Buildah::write_settings(const std::vector<std::string>& registries) {
  PHOTON_CHECK(make_directories(site_.scratch));
  PHOTON_CHECK(make_directories(site_.data + "/" + work_folder()));
  PHOTON_CHECK(put("registries.conf", registries_conf(registries, site_.registries)));
  PHOTON_CHECK(put("containers.conf", containers_conf()));
  PHOTON_CHECK(put("policy.json", policy_json()));
  // Networks are ours. buildah wants to know where its helper for them is before it does anything at all.
  PHOTON_CHECK(make_directories(site_.scratch + "/helpers"));
  PHOTON_CHECK(write_derived(site_.scratch + "/helpers/netavark", "#!/bin/sh\nexit 1\n", 0700));
  PHOTON_TRY(auto logins, auth_json(registries, site_.registries, site_.logins, stop_));
  PHOTON_CHECK(put("auth.json", logins.reveal()));
  if (site_.registries.ca_file.empty()) return {};
  PHOTON_TRY(auto authority, read_file(site_.registries.ca_file));
  PHOTON_CHECK(make_directories(site_.scratch + "/certificates"));
  return put("certificates/ca.crt", authority);
}

Result<void> Buildah::put(const std::string& name, std::string_view text) const {
  return write_derived(site_.scratch + "/" + name, text);
}

Result<int> Buildah::run(Words words, int context, const Line& line) const {
  Sandbox sandbox{site_.data, site_.scratch, site_.network, context, site_.machine_root};
  Words argv{"buildah", "--root", "/storage/images", "--runroot", "/scratch/run"};
  argv.insert(argv.end(), std::make_move_iterator(words.begin()), std::make_move_iterator(words.end()));
  auto environment = site_.fetching;
  for (const auto& [name, value] : site_.proxies) environment[name] = value;
  environment["HOME"] = environment["XDG_RUNTIME_DIR"] = "/scratch";
  environment["TMPDIR"] = "/storage/" + work_folder();
  environment["CONTAINERS_CONF"] = "/scratch/containers.conf";
  environment["CONTAINERS_REGISTRIES_CONF"] = "/scratch/registries.conf";
  environment["REGISTRY_AUTH_FILE"] = "/scratch/auth.json";
  return run_in(sandbox, std::move(argv), std::move(environment), line, stop_);
}

Result<void> Buildah::run_quietly(Words words, const std::string& what) const {
  std::string last;
  PHOTON_TRY(int status, run(std::move(words), -1, [&](std::string_view line) { last = line; }));
  if (status == 0) return {};
  return fail(Kind::failed, "build.buildah", fmt::format("{} failed: {}", what, shown(last, 300)));
}

}  // namespace photon::build
