#include "devenv/build/settings.hpp"

#include <sys/resource.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "devenv/core/digest.hpp"
#include "devenv/core/json.hpp"
#include "devenv/core/text.hpp"
#include "devenv/image/registry.hpp"

namespace photon::build {
namespace {

/// What root of a container has, but for CAP_MKNOD: nothing that is built needs a device of its own.
constexpr std::string_view rights =
    R"("CHOWN", "DAC_OVERRIDE", "FSETID", "FOWNER", "NET_RAW", "SETGID", "SETUID", "SETFCAP", "SETPCAP", )"
    R"("NET_BIND_SERVICE", "SYS_CHROOT", "KILL", "AUDIT_WRITE")";

/// Newer ones would give a million files and processes, which who has less may not.
std::string limits() {
  std::string text;
  for (auto [name, resource] : {std::pair("nofile", RLIMIT_NOFILE), std::pair("nproc", RLIMIT_NPROC)}) {
    rlimit ours{};
    if (::getrlimit(resource, &ours) < 0 || ours.rlim_max == RLIM_INFINITY) continue;
    auto most = std::min<rlim_t>(ours.rlim_max, 1 << 20);
    text += fmt::format("{}\"{}={}:{}\"", text.empty() ? "" : ", ", name, most, most);
  }
  return text;
}

/// "host/path" of an address; mirrors may have a path.
std::string place_of(const image::Endpoint& endpoint) {
  return endpoint.base.substr(endpoint.base.find("://") + 3);
}

bool is_plain(const image::Endpoint& endpoint) { return endpoint.base.starts_with("http://"); }

}  // namespace

std::vector<std::string> registries_of(const std::vector<std::string>& images) {
  std::vector<std::string> found;
  for (const auto& image : images) {
    auto reference = image::parse_reference(image);
    if (reference && std::find(found.begin(), found.end(), reference->registry) == found.end())
      found.push_back(reference->registry);
  }
  return found;
}

std::string registries_conf(const std::vector<std::string>& registries,
                            const image::RegistryOptions& options) {
  std::string text = fmt::format("unqualified-search-registries = [{}]\nshort-name-mode = \"disabled\"\n",
                                 toml_text(image::default_registry()));
  for (const auto& registry : registries) {
    auto places = image::endpoints(registry, options);
    text += fmt::format("\n[[registry]]\nprefix = {0}\nlocation = {0}\ninsecure = {1}\n", toml_text(registry),
                        is_plain(places.back()));
    for (std::size_t i = 0; i + 1 < places.size(); ++i)
      text += fmt::format("[[registry.mirror]]\nlocation = {}\ninsecure = {}\n",
                          toml_text(place_of(places[i])), is_plain(places[i]));
  }
  return text;
}

std::string containers_conf() {
  return fmt::format(
      "[containers]\ndefault_capabilities = [{}]\ndefault_ulimits = [{}]\napparmor_profile = \"\"\nlabel = "
      "false\n"
      "[network]\nnetwork_backend = \"netavark\"\n"
      "[engine]\nevents_logger = \"none\"\nhelper_binaries_dir = [\"/scratch/helpers\"]\n",
      rights, limits());
}

std::string policy_json() { return R"({"default": [{"type": "insecureAcceptAnything"}]})"; }

Result<Secret> auth_json(const std::vector<std::string>& registries, const image::RegistryOptions& options,
                         const image::Logins& logins, const std::stop_token& stop) {
  std::set<std::string> hosts;
  for (const auto& registry : registries)
    for (const auto& endpoint : image::endpoints(registry, options)) hosts.insert(endpoint.host);
  json::object known;
  for (const auto& host : hosts) {
    PHOTON_TRY(auto login, logins.find(host, stop));
    if (login.empty()) continue;
    auto& entry = known[host].emplace_object();
    if (login.user == "<token>")
      entry["identitytoken"] = login.password.reveal();
    else
      entry["auth"] = base64_encode(login.user + ":" + login.password.reveal());
  }
  return Secret(write_json(json::object{{"auths", std::move(known)}}));
}

}  // namespace photon::build
