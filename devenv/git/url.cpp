#include "devenv/git/url.hpp"

#include "devenv/core/name.hpp"

namespace photon::git {
namespace {

tl::unexpected<Error> refuse(std::string_view text, std::string_view why) {
  return fail(Kind::usage, "source.syntax", fmt::format("{}: {}", shown(text), why),
              "https://HOST/OWNER/NAME, ssh://HOST/PATH or git@HOST:PATH");
}

bool is_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_host(std::string_view host) {
  if (host.empty() || host.starts_with('-') || host.starts_with('.')) return false;
  return std::ranges::all_of(host, [](unsigned char c) {
    return c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           c == '-' || c == '.' || c == '_' || c == ':' || c == '%';
  });
}

/// Tokens are pasted as users, too: https://ghp_…@github.com/….
bool is_token(std::string_view user) {
  for (std::string_view start : {"ghp_", "gho_", "ghs_", "ghu_", "github_pat_", "glpat-"})
    if (user.starts_with(start)) return true;
  return user.size() >= 30;
}

Result<void> take_authority(Url& url, std::string_view text, std::string_view authority) {
  if (auto at = authority.rfind('@'); at != std::string_view::npos) {
    auto login = authority.substr(0, at);
    auto colon = login.find(':');
    url.user = login.substr(0, colon);
    bool token = url.is_http() && is_token(url.user);
    url.has_password = colon != std::string_view::npos || token;
    if (token) url.user.clear();  // it would be shown
    if (url.user.starts_with('-')) return refuse(text, "a user's name cannot begin with a dash");
    authority.remove_prefix(at + 1);
  }
  if (authority.starts_with('[')) {
    auto end = authority.find(']');
    if (end == std::string_view::npos) return refuse(text, "a bracket of the host is not closed");
    url.host = authority.substr(1, end - 1);
    authority.remove_prefix(end + 1);
  } else {
    auto colon = authority.find(':');
    url.host = authority.substr(0, colon);
    authority.remove_prefix(std::min(colon, authority.size()));
  }
  if (authority.starts_with(':')) {
    url.port = authority.substr(1);
    if (!is_digits(url.port) || url.port.size() > 5) return refuse(text, "the port is not a number");
  } else if (!authority.empty()) {
    return refuse(text, "the host is not a name");
  }
  if (!is_host(url.host)) return refuse(text, "the host is not a name");
  return {};
}

Result<Url> parse_scp(std::string_view text) {
  Url url{.scheme = "scp", .user = {}, .host = {}, .port = {}, .path = {}};
  auto colon =
      text.starts_with('[') || text.find("@[") != std::string_view::npos ? text.find("]:") : text.find(':');
  if (colon == std::string_view::npos) return refuse(text, "that is no address of a repository");
  if (text[colon] == ']') ++colon;
  PHOTON_CHECK(take_authority(url, text, text.substr(0, colon)));
  url.path = text.substr(colon + 1);
  if (url.path.empty() || url.path.starts_with('-') || url.path.starts_with(':'))
    return refuse(text, "the address has no path to a repository");
  return url;
}

}  // namespace

std::string Url::text() const {
  std::string login = user.empty() ? "" : user + "@";
  std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  if (scheme == "scp") return fmt::format("{}{}:{}", login, name, path);
  return fmt::format("{}://{}{}{}{}", scheme, login, name, port.empty() ? "" : ":" + port, path);
}

Result<Url> parse_url(std::string_view text) {
  for (unsigned char c : text)
    if (c < 0x20 || c == 0x7f) return refuse(text, "an address cannot hold control characters");
  if (text.empty() || text.starts_with('-')) return refuse(text, "an address cannot begin with a dash");
  auto mark = text.find("://");
  if (mark == std::string_view::npos) return parse_scp(text);
  Url url;
  url.scheme = text.substr(0, mark);
  std::ranges::transform(url.scheme, url.scheme.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  if (url.scheme == "git+ssh" || url.scheme == "ssh+git") url.scheme = "ssh";
  auto rest = text.substr(mark + 3);
  if (url.scheme == "file") {
    if (!rest.starts_with('/')) return refuse(text, "file:// wants a path that begins with a slash");
    url.path = rest;
  } else if (url.scheme == "https" || url.scheme == "http" || url.scheme == "ssh" || url.scheme == "git") {
    auto slash = std::min(rest.find('/'), rest.size());
    PHOTON_CHECK(take_authority(url, text, rest.substr(0, slash)));
    url.path = rest.substr(slash);
  } else {
    return refuse(text, "only https, http, ssh, git and file are spoken");
  }
  while (url.path.size() > 1 && url.path.ends_with('/')) url.path.pop_back();
  if (url.path.empty() || url.path == "/") return refuse(text, "the address has no path to a repository");
  return url;
}

Result<std::string> submodule_url(std::string_view parent, std::string_view url) {
  PHOTON_TRY(auto base, parse_url(parent));
  if (!url.starts_with("./") && !url.starts_with("../")) {
    PHOTON_TRY(auto other, parse_url(url));
    if (other.scheme == "file" && base.scheme != "file")
      return fail(Kind::denied, "git.submodule",
                  fmt::format("a submodule points to {} of this machine, which a remote repository may not",
                              shown(url)));
    if (other.has_password)
      return fail(Kind::denied, "git.submodule",
                  fmt::format("the address of a submodule at {} has a password in it", other.host));
    return other.text();
  }
  while (url.starts_with("./") || url.starts_with("../")) {
    bool up = url.starts_with("../");
    url.remove_prefix(up ? 3 : 2);
    if (!up) continue;
    auto slash = base.path.rfind('/');
    if (slash == std::string::npos) {
      if (base.path.empty()) return refuse(url, "a submodule's address leaves the host");
      base.path.clear();
    } else {
      base.path.resize(slash);
    }
  }
  if (url.empty() || url.find("..") != std::string_view::npos)
    return refuse(url, "a submodule's address leaves the host");
  base.path =
      base.path.empty() && base.scheme == "scp" ? std::string(url) : fmt::format("{}/{}", base.path, url);
  PHOTON_TRY(auto whole, parse_url(base.text()));  // control characters, a dash in front: as if it were typed
  return whole.text();
}

}  // namespace photon::git
