#include "devenv/spec/reference/package_name.hpp"

#include <algorithm>
#include <array>

namespace photon::spec::reference {
namespace {

constexpr std::array<std::string_view, 18> moved{"aws-cli",
                                                 "azure-cli",
                                                 "desktop-lite",
                                                 "docker-in-docker",
                                                 "docker-from-docker",
                                                 "dotnet",
                                                 "git",
                                                 "git-lfs",
                                                 "github-cli",
                                                 "java",
                                                 "kubectl-helm-minikube",
                                                 "node",
                                                 "powershell",
                                                 "python",
                                                 "ruby",
                                                 "rust",
                                                 "sshd",
                                                 "terraform"};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

bool word(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

/// Parts of letters and digits, with a '.', '_' or '-' between two of them at most.
bool is_path(std::string_view path) {
  bool after_word = false;
  for (char c : path) {
    if (!word(c) && (!after_word || (c != '.' && c != '_' && c != '-' && c != '/'))) return false;
    after_word = word(c);
  }
  return after_word;
}

bool is_version(std::string_view text) {
  if (text.empty() || text.size() > 128 || text[0] == '.' || text[0] == '-') return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return word(c) || (c >= 'A' && c <= 'Z') || c == '.' || c == '_' || c == '-';
  });
}

bool is_host(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return word(c) || c == '.' || c == '-' || c == '_' || c == ':' || c == '[' || c == ']';
  });
}

std::string scheme_of(std::string_view registry) {
  return registry.substr(0, registry.find(':')) == "localhost" ? "http" : "https";
}

std::vector<std::string> parts_of(std::string_view text) {
  std::vector<std::string> parts;
  for (std::size_t at = 0;;) {
    auto slash = text.find('/', at);
    parts.emplace_back(text.substr(at, slash - at));
    if (slash == text.npos) return parts;
    at = slash + 1;
  }
}

struct Cut {
  std::string_view resource;
  std::optional<std::string> tag{};
  std::optional<std::string> digest{};
};

/// At the version, whatever it is.
std::optional<Cut> cut(std::string_view text, const Tell& tell) {
  auto refused = [&](std::string_view why) {
    tell(fmt::format("'{}' names no package: {}", text, why));
    return std::optional<Cut>();
  };
  if (auto at = text.rfind('@'); at != text.npos) {
    auto digest = text.substr(at + 1);
    constexpr std::string_view algorithm = "sha256:";
    if (!digest.starts_with(algorithm) || !is_version(digest.substr(algorithm.size())))
      return refused("a digest is written as sha256:…");
    return Cut{text.substr(0, at), {}, std::string(digest)};
  }
  auto colon = text.rfind(':'), slash = text.rfind('/');
  if (colon == text.npos || (slash != text.npos && colon < slash)) return Cut{text, "latest"};
  auto tag = text.substr(colon + 1);
  // A tag of no characters is none at all, and asks for the latest.
  if (!tag.empty() && !is_version(tag))
    return refused("its tag has other characters than letters, digits, . _ -");
  return Cut{text.substr(0, colon), std::string(tag)};
}

}  // namespace

Value PackageName::value() const {
  Object made;
  made.set("scheme", scheme);
  made.set("id", id);
  made.set("owner", owner);
  made.set("namespace", collection);
  made.set("registry", registry);
  made.set("resource", resource);
  made.set("path", path);
  made.set("version", version);
  made.set("tag", tag ? Value(*tag) : Value());
  made.set("digest", digest ? Value(*digest) : Value());
  return made;
}

std::optional<PackageName> parse_package_name(std::string_view text, const Tell& tell) {
  auto small = lower(text);
  auto whole = cut(small, tell);
  if (!whole) return std::nullopt;
  auto parts = parts_of(whole->resource);
  if (parts.size() > 1 && parts[1] == "devcontainers-contrib") parts[1] = "devcontainers-extra";
  PackageName name;
  name.registry = parts.front();
  name.id = parts.back();
  if (parts.size() > 2) {
    name.owner = parts[1];
    name.collection = fmt::format("{}", fmt::join(parts.begin() + 1, parts.end() - 1, "/"));
  }
  name.path = name.collection + "/" + name.id;
  if (small.starts_with('.') || !is_host(name.registry) || !is_path(name.path)) {
    tell(fmt::format("'{}' names no package: it is written as REGISTRY/NAMESPACE/ID:TAG", text));
    return std::nullopt;
  }
  name.scheme = scheme_of(name.registry);
  name.resource = whole->resource;
  name.tag = whole->tag;
  name.digest = whole->digest;
  name.version = name.digest ? *name.digest : name.tag->empty() ? "latest" : *name.tag;
  return name;
}

std::optional<PackageName> collection_name(std::string_view registry, std::string_view collection,
                                           const Tell& tell) {
  PackageName name;
  name.registry = lower(registry);
  name.collection = name.path = lower(collection);
  if (!is_host(name.registry) || !is_path(name.path)) {
    tell(fmt::format("'{}/{}' names no collection", registry, collection));
    return std::nullopt;
  }
  name.scheme = scheme_of(name.registry);
  name.resource = name.registry + "/" + name.path;
  name.version = "latest";
  name.tag = "latest";
  return name;
}

std::string without_version(std::string_view id) {
  auto last = id.find_last_of('/');
  auto at = id.find_first_of(":@", last == id.npos ? 0 : last + 1);
  return std::string(id.substr(0, at));
}

std::string official_features() { return fmt::format("{}.io/devcontainers/features", "ghcr"); }

std::string of_today(const std::string& id) {
  if (std::find(moved.begin(), moved.end(), id) != moved.end())
    return fmt::format("{}/{}:1", official_features(), id);
  if (id == "golang") return official_features() + "/go:1";
  if (id == "common") return official_features() + "/common-utils:1";
  return id;
}

}  // namespace photon::spec::reference
