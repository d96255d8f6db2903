#include "devenv/devcontainer/packages/auth.hpp"

#include <algorithm>
#include <cstdlib>

#include "devenv/core/name.hpp"

namespace photon::devcontainer {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

/// scheme://host[:port] of an address, as a browser compares it.
struct Origin {
  std::string scheme;
  std::string host;  ///< with its port, unless that is the scheme's own
  bool operator==(const Origin&) const = default;
};

Origin origin_of(std::string_view url) {
  auto colon = url.find("://");
  if (colon == url.npos) return {};
  Origin origin{lower(url.substr(0, colon)), {}};
  auto rest = url.substr(colon + 3);
  origin.host = lower(rest.substr(0, rest.find_first_of("/?#")));
  std::string_view usual = origin.scheme == "https" ? ":443" : ":80";
  if (origin.host.ends_with(usual)) origin.host.erase(origin.host.size() - usual.size());
  return origin;
}

std::vector<std::string_view> cut(std::string_view text, char sign) {
  std::vector<std::string_view> parts;
  for (std::size_t at = 0;;) {
    auto end = text.find(sign, at);
    parts.push_back(text.substr(at, end - at));
    if (end == text.npos) return parts;
    at = end + 1;
  }
}

/// SERVICE|USER|TOKEN, several with ',' between them.
std::optional<image::Login> from_variable(const std::string& registry) {
  auto said = variable("DEVCONTAINERS_OCI_AUTH");
  for (auto one : cut(said, ',')) {
    auto parts = cut(one, '|');
    if (parts.size() > 2 && parts[0] == registry)
      return image::Login{std::string(parts[1]), Secret(std::string(parts[2]))};
  }
  return std::nullopt;
}

bool fine_host(std::string_view host) {
  return !host.empty() && std::all_of(host.begin(), host.end(), [](unsigned char c) {
    return std::isalnum(c) || c == '.' || c == '-' || c == ':' || c == '[' || c == ']';
  });
}

/// The default registry has several names, and its tokens come from another host.
std::vector<std::string> default_hosts() {
  auto name = image::default_registry();
  return {"registry-1." + name, "registry." + name, name, "index." + name};
}

bool same_registry(const Origin& a, const Origin& b) {
  if (a == b) return true;
  auto hosts = default_hosts();
  auto among = [&](const Origin& one) {
    return one.scheme == "https" && std::find(hosts.begin(), hosts.end(), one.host) != hosts.end();
  };
  return among(a) && among(b);
}

bool is_localhost(std::string_view host) { return host.substr(0, host.find(':')) == "localhost"; }

}  // namespace

Result<Auth> Auth::make(const AuthOptions& options, Log& log) {
  Auth auth(log);
  auth.hardening_ = options.hardening;
  for (const auto& host : default_hosts()) auth.trusted_[host].insert("auth." + image::default_registry());
  for (const auto& pair : options.trusted_hosts) {
    auto parts = cut(pair, '=');
    if (parts.size() != 2 || !fine_host(parts[0]) || !fine_host(parts[1]))
      return fail(Kind::usage, "reference.words",
                  fmt::format("Invalid cross-origin auth host '{}'. Expected '<registry-host>=<auth-host>'.",
                              shown(pair)));
    auth.trusted_[lower(parts[0])].insert(lower(parts[1]));
  }
  return auth;
}

Result<image::Login> Auth::login(const std::string& registry) const {
  if (auto login = from_variable(registry)) return std::move(*login);
  image::Logins docker(variable("HOME"), {}, variable("DOCKER_CONFIG"));
  auto login = docker.find(registry, {});
  if (!login)
    log_->write(LogLevel::warning, sentence(login.error()));
  else if (!login->empty())
    return login;
  auto official = spec::reference::official_features();
  auto token = variable("GITHUB_TOKEN"), host = variable("GITHUB_HOST");
  bool theirs = official.substr(0, official.find('/')) == registry && (host.empty() || host == "github.com");
  if (theirs && !token.empty()) return image::Login{"USERNAME", Secret(std::move(token))};
  return image::Login{};
}

void Auth::note(bool& flag, const std::string& what) {
  if (std::exchange(flag, true)) return;
  log_->write(LogLevel::info, what);
}

Result<void> Auth::challenged(const std::string& base, const std::string& asked,
                              const std::string& challenger, const std::string& realm) {
  auto home = origin_of(base), here = origin_of(challenger);
  bool ours = same_registry(origin_of(asked), home) && same_registry(here, home);
  if (!ours) {
    note(foreign_registry_, fmt::format("{} wants the login of {}", here.host, home.host));
    if (hardening_)
      return fail(Kind::denied, "reference.auth",
                  fmt::format("the login of {} is not sent to {}", home.host, here.host));
  }
  if (realm.empty()) return {};
  auto tokens = origin_of(realm);
  bool safe = tokens.scheme == "https" || (tokens.scheme == "http" && is_localhost(tokens.host));
  auto known = trusted_.find(here.host);
  bool trusted = (tokens.host == here.host && safe) ||
                 (tokens.scheme == "https" && known != trusted_.end() && known->second.contains(tokens.host));
  if (trusted) return {};
  note(foreign_realm_, fmt::format("{} has its logins checked by {}", here.host, shown(tokens.host)));
  if (!hardening_) return {};
  return fail(
      Kind::denied, "reference.auth",
      fmt::format("{} has its logins checked by {}, which is not trusted", here.host, shown(tokens.host)),
      tokens.scheme == "https"
          ? fmt::format("--allow-cross-origin-auth-host {}={}", here.host, shown(tokens.host))
          : "");
}

image::AuthWatch Auth::watch(const std::string& base) {
  image::AuthWatch watch;
  watch.challenged = [this, base](const std::string& asked, const std::string& challenger,
                                  const std::string& realm) {
    return challenged(base, asked, challenger, realm);
  };
  watch.token_moved = [this] { note(token_moved_, "the server of logins sent us on to another address"); };
  watch.tokens_stay = hardening_;
  return watch;
}

spec::reference::Value Auth::diagnostics() const {
  spec::reference::Object said;
  said.set("authLookupWouldBeBlocked", foreign_realm_);
  said.set("registryRedirectWouldPreventCredentialForwarding", foreign_registry_);
  said.set("authServerRedirect", token_moved_);
  return said;
}

}  // namespace photon::devcontainer
