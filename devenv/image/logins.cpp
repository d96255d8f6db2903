// Who we are for a registry: our own file, then what Docker's config.json of that home says.
#include <boost/json/object.hpp>
#include <mutex>

#include "devenv/core/digest.hpp"
#include "devenv/core/fd.hpp"
#include "devenv/core/json.hpp"
#include "devenv/core/name.hpp"
#include "devenv/core/process.hpp"
#include "devenv/image/image.hpp"
#include "devenv/image/parts.hpp"

namespace photon::image {
namespace {

std::mutex own_file_mutex;

/// Docker keys its default registry by an address of the first API.
std::string docker_key(const std::string& registry) {
  return registry == default_registry() ? "https://index." + registry + "/v1/" : registry;
}

/// "https://host/v1/" and "host" are the same registry.
std::string host_of(std::string_view key) {
  if (std::size_t scheme = key.find("://"); scheme != std::string_view::npos) key.remove_prefix(scheme + 3);
  std::string host(key.substr(0, key.find('/')));
  return host == "index." + default_registry() ? default_registry() : host;
}

Result<json::value> read_object(const std::string& path) {
  auto bytes = read_file(path);
  if (!bytes && bytes.error().kind == Kind::not_found) return json::value(json::object{});
  if (!bytes) return tl::unexpected(std::move(bytes.error()));
  if (bytes->empty()) return json::value(json::object{});
  return parse_json(*bytes, path);
}

const json::value* entry_of(const json::value& config, std::string_view list, const std::string& registry) {
  const json::value* entries = member(config, list);
  if (!entries || !entries->is_object()) return nullptr;
  for (const auto& item : entries->get_object())
    if (host_of(item.key()) == registry) return &item.value();
  return nullptr;
}

/// The credential helper that Docker would ask; empty: none.
Result<std::string> helper_of(const json::value& config, const std::string& registry) {
  const json::value* special = entry_of(config, "credHelpers", registry);
  std::string name = special && special->is_string() ? std::string(special->get_string().c_str())
                                                     : text_or(config, "credsStore");
  bool fine = std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) || c == '-' || c == '_' || c == '.';
  });
  if (!fine)
    return fail(Kind::usage, "login.helper",
                fmt::format("'{}' is no name of a credential helper", shown(name)),
                "mend credsStore in Docker's config.json");
  return name;
}

Result<Output> ask_helper(const std::string& helper, const std::string& home, const std::string& action,
                          const Secret& input, std::stop_token stop) {
  std::string program = "docker-credential-" + helper;
  if (!find_program(program))
    return fail(Kind::unavailable, "login.helper",
                fmt::format("the credential helper {} is not installed", program),
                "install it, or remove it from Docker's config.json");
  Command command{.argv = {program, action}};
  if (!home.empty()) command.directory = home;
  return run(std::move(command), input.reveal(), std::chrono::seconds(60), stop);
}

Result<Login> from_helper(const std::string& helper, const std::string& home, const std::string& registry,
                          std::stop_token stop) {
  PHOTON_TRY(auto output, ask_helper(helper, home, "get", Secret(docker_key(registry)), stop));
  if (output.status != 0) {
    std::string said = output.out + output.err;
    if (said.find("not found") != std::string::npos) return Login{};
    return fail(Kind::denied, "login.helper",
                fmt::format("the credential helper {} failed: {}", helper, shown(said, 200)),
                "unlock your key ring, or: devenv login " + registry);
  }
  // Never quoted in an error: it holds the secret.
  auto answer = parse_json(output.out, "the answer of the credential helper " + helper);
  if (!answer)
    return fail(Kind::denied, "login.helper", fmt::format("the credential helper {} gave no JSON", helper));
  return Login{text_or(*answer, "Username"), Secret(text_or(*answer, "Secret"))};
}

Login from_auth(const json::value& entry) {
  if (std::string token = text_or(entry, "identitytoken"); !token.empty()) return {"<token>", Secret(token)};
  auto both = base64_decode(text_or(entry, "auth"));
  if (both && !both->empty()) {
    std::size_t colon = both->find(':');
    if (colon != std::string::npos) return {both->substr(0, colon), Secret(both->substr(colon + 1))};
  }
  return {text_or(entry, "username"), Secret(text_or(entry, "password"))};
}

}  // namespace

Logins::Logins(std::string home, std::string own_file, std::string docker_folder)
    : home_(std::move(home)), own_file_(std::move(own_file)) {
  if (docker_folder.empty() && !home_.empty()) docker_folder = home_ + "/.docker";
  if (!docker_folder.empty()) docker_file_ = docker_folder + "/config.json";
}

Result<Login> Logins::find(const std::string& registry, std::stop_token stop) const {
  if (!own_file_.empty()) {
    std::lock_guard lock(own_file_mutex);
    PHOTON_TRY(auto own, read_object(own_file_));
    if (const auto* entry = entry_of(own, "registries", registry))
      return Login{text_or(*entry, "user"), Secret(text_or(*entry, "password"))};
  }
  if (docker_file_.empty()) return Login{};
  PHOTON_TRY(auto config, read_object(docker_file_));
  PHOTON_TRY(auto helper, helper_of(config, registry));
  if (!helper.empty()) {
    PHOTON_TRY(auto login, from_helper(helper, home_, registry, stop));
    if (!login.empty()) return login;
  }
  if (const auto* entry = entry_of(config, "auths", registry)) return from_auth(*entry);
  return Login{};
}

Result<void> Logins::store(const std::string& registry, const Login& login) const {
  if (!docker_file_.empty()) {
    PHOTON_TRY(auto config, read_object(docker_file_));
    PHOTON_TRY(auto helper, helper_of(config, registry));
    if (!helper.empty()) {
      Secret message(write_json(json::object{{"ServerURL", docker_key(registry)},
                                             {"Username", login.user},
                                             {"Secret", login.password.reveal()}}));
      PHOTON_TRY(auto output, ask_helper(helper, home_, "store", message, {}));
      if (output.status == 0) return {};
      return fail(Kind::failed, "login.helper",
                  fmt::format("the credential helper {} did not keep the login: {}", helper,
                              shown(output.out + output.err, 200)));
    }
  }
  std::lock_guard lock(own_file_mutex);
  PHOTON_TRY(auto own, read_object(own_file_));
  json::object entries;
  if (const auto* known = member(own, "registries"); known && known->is_object())
    entries = known->get_object();
  entries[registry] = json::object{{"user", login.user}, {"password", login.password.reveal()}};
  PHOTON_CHECK(make_directories(std::filesystem::path(own_file_).parent_path().string()));
  return write_file(own_file_, write_json_pretty(json::object{{"registries", std::move(entries)}}), 0600);
}

Result<void> Logins::forget(const std::string& registry) const {
  if (!docker_file_.empty()) {
    PHOTON_TRY(auto config, read_object(docker_file_));
    PHOTON_TRY(auto helper, helper_of(config, registry));
    if (!helper.empty()) PHOTON_CHECK(ask_helper(helper, home_, "erase", Secret(docker_key(registry)), {}));
  }
  std::lock_guard lock(own_file_mutex);
  PHOTON_TRY(auto own, read_object(own_file_));
  const auto* known = member(own, "registries");
  if (!known || !known->is_object() || !known->get_object().contains(registry)) return {};
  json::object entries = known->get_object();
  entries.erase(registry);
  return write_file(own_file_, write_json_pretty(json::object{{"registries", std::move(entries)}}), 0600);
}

}  // namespace photon::image
