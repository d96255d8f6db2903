#include "devenv/image/registry.hpp"

#include "devenv/core/digest.hpp"
#include "devenv/core/json.hpp"
#include "devenv/core/name.hpp"
#include "devenv/image/document.hpp"
#include "devenv/image/parts.hpp"

namespace photon::image {
namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return result;
}

/// The next quoted or bare value; `text` is left behind it.
std::string take_value(std::string_view& text) {
  std::string value;
  if (!text.starts_with('"')) {
    std::size_t end = std::min(text.find_first_of(", \t"), text.size());
    value = text.substr(0, end);
    text.remove_prefix(end);
    return value;
  }
  text.remove_prefix(1);
  while (!text.empty() && text.front() != '"') {
    if (text.front() == '\\' && text.size() > 1) text.remove_prefix(1);
    value += text.front();
    text.remove_prefix(1);
  }
  if (!text.empty()) text.remove_prefix(1);
  return value;
}

std::string_view host_only(std::string_view host) {
  if (host.starts_with('[')) return host.substr(0, host.find(']') + 1);
  return host.substr(0, host.find(':'));
}

/// A registry's own words, if it has some: {"errors":[{"message":…}]}.
std::string said(const std::string& body) {
  auto value = parse_json(body, "the answer");
  if (!value) return {};
  const json::value* errors = member(*value, "errors");
  if (!errors || !errors->is_array() || errors->get_array().empty()) return {};
  std::string text = text_or(errors->get_array().front(), "message");
  return text.empty() ? "" : ": " + shown(text, 160);
}

}  // namespace

Challenge parse_challenge(std::string_view header) {
  Challenge challenge;
  std::size_t space = std::min(header.find(' '), header.size());
  challenge.scheme = lower(header.substr(0, space));
  header.remove_prefix(space);
  while (true) {
    std::size_t start = header.find_first_not_of(", \t");
    if (start == std::string_view::npos) return challenge;
    header.remove_prefix(start);
    std::size_t equals = header.find('=');
    if (equals == std::string_view::npos) return challenge;
    std::string key = lower(header.substr(0, equals));
    header.remove_prefix(equals + 1);
    challenge.fields[key] = take_value(header);
  }
}

bool speaks_plain_http(const std::string& host, const RegistryOptions& options) {
  std::string_view name = host_only(host);
  if (name == "localhost" || name == "[::1]") return true;
  bool numbers = name.find_first_not_of("0123456789.") == std::string_view::npos;
  if (numbers && name.starts_with("127.")) return true;
  return std::find(options.plain_http.begin(), options.plain_http.end(), host) != options.plain_http.end();
}

std::vector<Endpoint> endpoints(const std::string& registry, const RegistryOptions& options) {
  std::vector<Endpoint> result;
  if (auto mirrors = options.mirrors.find(registry); mirrors != options.mirrors.end()) {
    for (std::string base : mirrors->second) {
      if (base.find("://") == std::string::npos)
        base.insert(0, speaks_plain_http(base, options) ? "http://" : "https://");
      while (base.ends_with('/')) base.pop_back();
      std::string host = base.substr(base.find("://") + 3);
      result.push_back({host.substr(0, host.find('/')), base});
    }
  }
  std::string server = registry == default_registry() ? "registry-1." + registry : registry;
  result.push_back({registry, (speaks_plain_http(registry, options) ? "http://" : "https://") + server});
  return result;
}

Registry::Registry(Endpoint endpoint, std::string repository, std::string ca_file, AskLogin login)
    : endpoint_(std::move(endpoint)),
      repository_(std::move(repository)),
      ca_file_(std::move(ca_file)),
      ask_login_(std::move(login)) {}

Result<Response> Registry::exchange(const Request& request, std::stop_token stop) {
  std::unique_ptr<Http> http;
  {
    std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      http = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  if (!http) http = std::make_unique<Http>();
  auto response = http->send(request, std::move(stop));
  if (!response && response.error().code.starts_with("http.") && response.error().kind == Kind::unavailable) {
    bool certificate = response.error().code == "http.certificate";
    return fail(Kind::unavailable, std::string(unreachable),
                fmt::format("the registry {} does not answer: {}", endpoint_.host, response.error().message),
                certificate ? "name the authority's certificate as ca_file in the configuration"
                            : "check the network and the name, then try again; what was fetched is kept");
  }
  std::lock_guard lock(mutex_);
  idle_.push_back(std::move(http));
  return response;
}

Result<Response> Registry::send(Request request, std::stop_token stop) {
  request.ca_file = ca_file_;
  // An upload may be sent elsewhere, and that place has no right to our login.
  bool ours = request.url.starts_with(endpoint_.base + "/");
  auto headers = request.headers;
  std::string authorization;
  {
    std::lock_guard lock(mutex_);
    authorization = authorization_;
  }
  for (int attempt = 0;; ++attempt) {
    request.headers = headers;
    if (!authorization.empty() && ours) request.headers.push_back("Authorization: " + authorization);
    PHOTON_TRY(auto response, exchange(request, stop));
    // A second 401 is final, unless the first was that of a token which has expired.
    if (response.status != 401 || response.challenges.empty() || attempt == 1 || !ours) return response;
    PHOTON_TRY(authorization, authorize(response, request.url, stop));
    std::lock_guard lock(mutex_);
    authorization_ = authorization;
  }
}

Result<std::string> Registry::authorize(const Response& challenged, const std::string& asked,
                                        std::stop_token stop) {
  auto allowed = [&](const Challenge& challenge) -> Result<void> {
    if (!watch_.challenged) return {};
    auto realm = challenge.scheme == "bearer" ? challenge.fields.find("realm") : challenge.fields.end();
    return watch_.challenged(asked, challenged.url, realm == challenge.fields.end() ? "" : realm->second);
  };
  PHOTON_TRY(auto login, ask_login_(endpoint_.host));
  for (const auto& header : challenged.challenges) {
    Challenge challenge = parse_challenge(header);
    if (challenge.scheme == "bearer") {
      PHOTON_CHECK(allowed(challenge));
      return token(challenge, login, stop);
    }
    if (challenge.scheme == "basic") {
      PHOTON_CHECK(allowed(challenge));
      if (login.empty()) continue;
      return "Basic " + base64_encode(login.user + ":" + login.password.reveal());
    }
  }
  return fail(Kind::denied, "image.login",
              fmt::format("{} asks for a login, and none was found", endpoint_.host),
              "devenv login " + endpoint_.host);
}

Result<std::string> Registry::token(const Challenge& challenge, const Login& login, std::stop_token stop) {
  auto field = [&](const std::string& key) {
    auto at = challenge.fields.find(key);
    return at == challenge.fields.end() ? std::string() : at->second;
  };
  std::string realm = field("realm");
  bool plain = endpoint_.base.starts_with("http:");
  if (!realm.starts_with("https://") && !(plain && realm.starts_with("http://")))
    return fail(
        Kind::denied, "image.realm",
        fmt::format("{} sends logins to an address that is not safe: {}", endpoint_.host, shown(realm)),
        "ask who runs the registry to use https for it");
  std::string scope = field("scope");
  if (scope.empty() && !repository_.empty()) scope = "repository:" + repository_ + ":pull";
  std::string query =
      "service=" + url_encode(field("service")) + (scope.empty() ? "" : "&scope=" + url_encode(scope));
  Request request{.url = realm, .ca_file = ca_file_, .limit = 1 << 20};
  request.follow = !watch_.tokens_stay;
  if (login.user == "<token>") {
    request.form = query + "&grant_type=refresh_token&client_id=devenv&refresh_token=" +
                   url_encode(login.password.reveal());
  } else {
    request.url += (realm.find('?') == std::string::npos ? "?" : "&") + query;
    if (!login.empty())
      request.headers.push_back("Authorization: Basic " +
                                base64_encode(login.user + ":" + login.password.reveal()));
  }
  PHOTON_TRY(auto response, exchange(request, stop));
  if (watch_.token_moved && response.url != request.url) watch_.token_moved();
  if (response.status != 200) return refused(response, "the login");
  PHOTON_TRY(auto answer, parse_json(response.body, "the token of " + endpoint_.host));
  std::string value = text_or(answer, "token", text_or(answer, "access_token"));
  if (value.empty())
    return fail(Kind::denied, "image.token", fmt::format("{} gave no token", endpoint_.host),
                "devenv login " + endpoint_.host);
  return "Bearer " + value;
}

tl::unexpected<Error> Registry::refused(const Response& response, const std::string& what) const {
  const std::string& host = endpoint_.host;
  if (response.status == 401 || response.status == 403)
    return fail(Kind::denied, "image.denied",
                fmt::format("{} does not give {} to this login{}", host, what, said(response.body)),
                "devenv login " + host);
  if (response.status == 404)
    return fail(Kind::not_found, "image.not-found", fmt::format("{} does not have {}", host, what),
                "check the name and the tag");
  if (response.status == 429)
    return fail(Kind::unavailable, "image.limit", fmt::format("{} limits how much it gives in an hour", host),
                "wait, or: devenv login " + host);
  return fail(Kind::unavailable, "image.registry",
              fmt::format("{} answered {} for {}{}", host, response.status, what, said(response.body)),
              "try again later");
}

Result<Registry::Fetched> Registry::manifest(const std::string& name, std::stop_token stop) {
  Request request{.url = endpoint_.base + "/v2/" + repository_ + "/manifests/" + name,
                  .limit = document_limit};
  for (auto type : {media::oci_index, media::oci_manifest, media::docker_index, media::docker_manifest})
    request.headers.push_back(fmt::format("Accept: {}", type));
  PHOTON_TRY(auto response, send(std::move(request), stop));
  std::string called = repository_ + (is_sha256_digest(name) ? "@" : ":") + name;
  if (response.status != 200) return refused(response, called);
  std::string type = response.headers["content-type"];
  Fetched fetched{std::move(response.body), type.substr(0, type.find(';')), {}};
  fetched.digest = sha256_digest(fetched.bytes);
  if (is_sha256_digest(name) && fetched.digest != name)
    return fail(Kind::corrupt, "image.digest",
                fmt::format("{} gave other bytes for {}", endpoint_.host, called),
                "the registry or a proxy on the way is broken; try again");
  return fetched;
}

Result<void> Registry::blob(const std::string& digest, std::uint64_t offset,
                            const std::function<Result<void>(std::uint64_t, std::string_view)>& sink,
                            std::stop_token stop) {
  Request request{.url = endpoint_.base + "/v2/" + repository_ + "/blobs/" + digest, .limit = 1 << 20};
  if (offset != 0) request.headers.push_back(fmt::format("Range: bytes={}-", offset));
  std::uint64_t at = 0;
  bool first = true;
  request.sink = [&](long status, std::string_view bytes) -> Result<void> {
    if (first) at = status == 206 ? offset : 0;
    first = false;
    PHOTON_CHECK(sink(at, bytes));
    at += bytes.size();
    return {};
  };
  PHOTON_TRY(auto response, send(std::move(request), stop));
  if (response.status == 416 && offset != 0) return blob(digest, 0, sink, stop);
  if (response.status != 200 && response.status != 206) return refused(response, digest);
  return {};
}

Result<std::vector<std::string>> Registry::tags(std::stop_token stop) {
  Request request{.url = endpoint_.base + "/v2/" + repository_ + "/tags/list",
                  .headers = {"Accept: application/json"}};
  PHOTON_TRY(auto response, send(std::move(request), stop));
  if (response.status != 200) return refused(response, repository_);
  PHOTON_TRY(auto answer, parse_json(response.body, "the tags of " + repository_));
  return text_list(answer, "tags");
}

Result<void> Registry::ping(std::stop_token stop) {
  PHOTON_TRY(auto response, send(Request{.url = endpoint_.base + "/v2/", .limit = 1 << 20}, stop));
  if (response.status != 200) return refused(response, "access");
  return {};
}

Result<void> check_login(const std::string& registry, const Login& login, const RegistryOptions& options,
                         std::stop_token stop) {
  Registry server(endpoints(registry, options).back(), "", options.ca_file,
                  [&](const std::string&) -> Result<Login> { return login; });
  return server.ping(stop);
}

}  // namespace photon::image
