#include "devenv/devcontainer/packages/fetch.hpp"

#include <cstdlib>

#include "devenv/core/digest.hpp"
#include "devenv/unpack/unpack.hpp"

namespace photon::devcontainer {

using spec::reference::PackageContent;
using spec::reference::PackageManifest;
using spec::reference::PackageName;

namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

/// The same variable as the reference's runtime has for certificates beside the system's.
std::string extra_certificates() { return variable("NODE_EXTRA_CA_CERTS"); }

tl::unexpected<Error> too_large(const std::string& name) {
  return fail(Kind::corrupt, "package.size",
              fmt::format("{} is larger than {} MiB", name, most_package_bytes >> 20),
              "a feature or template is small; tell who published it");
}

/// The documents at the root; of two with one name the last, as it would be unpacked.
Result<PackageContent> opened(const std::string& bytes, const std::string& name) {
  PackageContent content{sha256_digest(bytes)};
  auto visit = [&](const unpack::Entry& entry, const unpack::Read& read) -> Result<void> {
    bool wanted = entry.name == spec::reference::feature_document ||
                  entry.name == spec::reference::old_feature_document;
    if (!wanted || entry.kind != unpack::Entry::Kind::file) return {};
    auto& document = content.documents[entry.name];
    document.clear();
    return read([&](std::string_view piece) {
      document.append(piece);
      return Result<void>();
    });
  };
  PHOTON_CHECK(
      unpack::each_entry({"the archive " + name, "", bytes}, visit, {.bytes = most_unpacked_bytes}, {}));
  return content;
}

}  // namespace

struct Fetch::State {
  State(Auth made, Log& to) : auth(std::move(made)), log(to) {}

  image::Registry& repository(const PackageName& name) {
    auto& known = registries[name.registry + "/" + name.path];
    if (!known) known = make_registry(name, [this](const std::string& host) { return auth.login(host); });
    return *known;
  }

  std::unique_ptr<image::Registry> make_registry(const PackageName& name, image::Registry::AskLogin login) {
    image::Endpoint endpoint{name.registry, name.scheme + "://" + name.registry};
    auto made =
        std::make_unique<image::Registry>(endpoint, name.path, extra_certificates(), std::move(login));
    made->watch(auth.watch(endpoint.base));
    return made;
  }

  /// Once more as nobody in particular, if a login is refused: it may be an old one, and the package public.
  template <class Ask>
  auto ask(const PackageName& name, Ask what) {
    auto answer = what(repository(name));
    if (answer || answer.error().kind != Kind::denied || answer.error().code == "reference.auth")
      return answer;
    auto login = auth.login(name.registry);
    if (!login || login->empty()) return answer;
    log.write(LogLevel::info, sentence(answer.error()) + "; asking without it");
    auto nobody =
        make_registry(name, [](const std::string&) -> Result<image::Login> { return image::Login{}; });
    auto again = what(*nobody);
    if (again) registries[name.registry + "/" + name.path] = std::move(nobody);
    return again ? std::move(again) : std::move(answer);
  }

  Result<std::optional<PackageManifest>> manifest(const PackageName& name, const std::string& version) {
    auto key = fmt::format("{}/{}@{}", name.registry, name.path, version);
    if (auto known = manifests.find(key); known != manifests.end()) return known->second;
    auto fetched = ask(name, [&](image::Registry& registry) { return registry.manifest(version, {}); });
    std::optional<PackageManifest> found;
    if (fetched) {
      found = PackageManifest{std::move(fetched->bytes), std::move(fetched->digest)};
    } else if (fetched.error().code == image::unreachable || fetched.error().kind == Kind::corrupt) {
      return tl::unexpected(std::move(fetched.error()));
    } else {
      log.write(LogLevel::warning,
                sentence(fetched.error()) + "; for a login: docker login " + name.registry);
    }
    manifests[key] = found;
    return found;
  }

  std::optional<std::vector<std::string>> tags(const PackageName& name) {
    auto fetched = ask(name, [&](image::Registry& registry) { return registry.tags({}); });
    if (fetched) return std::move(*fetched);
    if (fetched.error().kind == Kind::not_found) return std::vector<std::string>();
    log.write(LogLevel::error, sentence(fetched.error()));
    return std::nullopt;
  }

  Result<std::string> bytes(const PackageName& name, const std::string& digest) {
    auto what = fmt::format("the package {}@{}", name.resource, digest);
    if (!is_sha256_digest(digest))
      return fail(Kind::corrupt, "package.digest", fmt::format("{} is named by no digest", name.resource));
    auto fetched = ask(name, [&](image::Registry& registry) -> Result<std::string> {
      std::string all;
      PHOTON_CHECK(registry.blob(digest, 0,
                                 [&](std::uint64_t, std::string_view piece) -> Result<void> {
                                   if (all.size() + piece.size() > most_package_bytes) return too_large(what);
                                   all += piece;
                                   return {};
                                 },
                                 {}));
      return all;
    });
    if (fetched && sha256_digest(*fetched) != digest)
      return fail(Kind::corrupt, "package.digest",
                  fmt::format("{} has other bytes than its digest says", what),
                  "the registry or a proxy on the way is broken; try again");
    return fetched;
  }

  Result<PackageContent> layer(const PackageName& name, const std::string& digest) {
    if (auto known = contents.find(digest); known != contents.end()) return known->second;
    PHOTON_TRY(auto all, bytes(name, digest));
    PHOTON_TRY(auto content, opened(all, fmt::format("{}@{}", name.resource, digest)));
    contents[digest] = content;
    return content;
  }

  Result<PackageContent> archive(const std::string& url) {
    if (auto known = contents.find(url); known != contents.end()) return known->second;
    std::string all;
    image::Request request{.url = url, .ca_file = extra_certificates()};
    auto token = variable("GITHUB_TOKEN");
    if (!token.empty() &&
        (url.starts_with("https://github.com/") || url.starts_with("https://api.github.com/")))
      request.headers.push_back("Authorization: Bearer " + token);
    request.sink = [&](long, std::string_view piece) -> Result<void> {
      if (all.size() + piece.size() > most_package_bytes) return too_large(url);
      all += piece;
      return {};
    };
    PHOTON_TRY(auto response, http.send(request, {}));
    if (response.status != 200)
      return fail(Kind::unavailable, "package.archive", fmt::format("{} answered {}", url, response.status),
                  "check the address");
    PHOTON_TRY(auto content, opened(all, url));
    contents[url] = content;
    return content;
  }

  Auth auth;
  Log& log;
  image::Http http;
  std::map<std::string, std::unique_ptr<image::Registry>> registries;
  std::map<std::string, std::optional<PackageManifest>> manifests;  ///< by address and version
  std::map<std::string, PackageContent> contents;                   ///< by digest, or by address
};

Fetch::Fetch(Auth auth, Log& log) : state_(std::make_unique<State>(std::move(auth), log)) {}
Fetch::~Fetch() = default;

spec::reference::Packages Fetch::packages() {
  auto* state = state_.get();
  spec::reference::Packages packages;
  packages.manifest = [state](const PackageName& name, const std::string& version) {
    return state->manifest(name, version);
  };
  packages.tags = [state](const PackageName& name) { return state->tags(name); };
  packages.layer = [state](const PackageName& name, const std::string& digest) {
    return state->layer(name, digest);
  };
  packages.archive = [state](const std::string& url) { return state->archive(url); };
  packages.diagnostics = [state] { return state->auth.diagnostics(); };
  return packages;
}

Result<std::string> Fetch::layer_bytes(const PackageName& name, const std::string& digest) {
  return state_->bytes(name, digest);
}

image::Registry& Fetch::repository(const PackageName& name) { return state_->repository(name); }

}  // namespace photon::devcontainer
