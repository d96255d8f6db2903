#include "devenv/spec/reference/feature_source.hpp"

#include <algorithm>

#include "devenv/core/name.hpp"
#include "devenv/spec/reference/paths.hpp"
#include "devenv/spec/reference/text.hpp"
#include "devenv/spec/reference/tolerant.hpp"

namespace photon::spec::reference {
namespace {

constexpr std::string_view config_type = "application/vnd.devcontainers";
constexpr std::string_view annotation = "dev.containers.metadata";
constexpr std::string_view secure = "https://";

bool is_feature_id(std::string_view id) {
  return std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

Result<std::string> local_folder(const std::string& id, const FeatureInputs& inputs) {
  if (id.starts_with('/')) return could_not_process(id, "an absolute path to a local feature is not allowed");
  if (inputs.config_path.empty())
    return could_not_process(id, "a local feature requires a configuration path");
  auto folder = joined({folder_of(inputs.config_path), id});
  auto allowed = joined({inputs.workspace, ".devcontainer"});
  if (relative(allowed, folder).find("..") != std::string::npos)
    return could_not_process(id, fmt::format("{} is not below {}", folder, allowed));
  return folder;
}

/// The address as a browser writes it.
Result<std::string> address_of(const std::string& id) {
  if (id.find_first_of(" \t\r\n\"<>\\^`{|}") != id.npos || id.size() > 4096)
    return could_not_process(id, "it is no address");
  auto end = std::min(id.find_first_of("/?#", secure.size()), id.size());
  auto host = id.substr(secure.size(), end - secure.size());
  for (char& c : host)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  if (host.ends_with(":443")) host.resize(host.size() - 4);
  if (host.empty() || host.find('@') != host.npos) return could_not_process(id, "it is no address");
  auto query = std::min(id.find_first_of("?#", end), id.size());
  auto path = end == query ? std::string("/") : normalized(std::string_view(id).substr(end, query - end));
  return fmt::format("{}{}{}{}", secure, host, path, id.substr(query));
}

/// "x" of …/devcontainer-feature-x.tgz
Result<std::string> id_in_address(const std::string& id, const std::string& address) {
  constexpr std::string_view begin = "devcontainer-feature-", end = "tgz";
  auto path = std::string_view(address).substr(0, address.find_first_of("?#"));
  auto name = path.substr(path.rfind('/') + 1);
  auto at = name.find(begin), last = name.rfind(end);
  if (at == name.npos || last == name.npos || last < at + begin.size() + 2)
    return could_not_process(id, "the archive is not called devcontainer-feature-ID.tgz");
  auto found = name.substr(at + begin.size(), last - 1 - at - begin.size());
  if (!is_feature_id(found)) return could_not_process(id, "an id has letters, digits, '-' and '_'");
  return std::string(found);
}

/// owner/repository/id[@version], which the reference looks for in releases.
Result<void> become_github(FeatureSource& source, const std::string& id) {
  auto at = id.find('@');
  auto name = std::string_view(id).substr(0, at);
  auto parts = std::count(name.begin(), name.end(), '/') + 1;
  auto last = name.substr(name.rfind('/') + 1);
  if (parts != 3 || name.starts_with('/') || name.find("//") != name.npos || last.empty() ||
      !is_feature_id(last) || std::count(id.begin(), id.end(), '@') > 1)
    return could_not_process(id, "no registry has it, or none gives it to this login",
                             "check the name and that it was published; docker login REGISTRY");
  source.kind = FeatureKind::github;
  source.package = {};
  source.id = last;
  source.place = source.user_id.substr(0, source.user_id.find('@'));
  return {};
}

Value github_information(const FeatureSource& source) {
  auto id = of_today(source.user_id);
  auto at = id.find('@');
  auto version = at == id.npos ? "latest" : id.substr(at + 1);
  auto slash = id.find('/'), second = id.find('/', slash + 1);
  auto owner = id.substr(0, slash), repository = id.substr(slash + 1, second - slash - 1);
  bool latest = version == "latest";
  auto project = owner + "/" + repository;
  Object said;
  said.set("type", "github-repo");
  said.set("apiUri", fmt::format("https://api.github.com/repos/{}/releases/{}{}", project,
                                 latest ? "" : "tags/", version));
  said.set("unauthenticatedUri",
           latest ? fmt::format("https://github.com/{}/releases/latest/download", project)
                  : fmt::format("https://github.com/{}/releases/download/{}", project, version));
  said.set("owner", owner);
  said.set("repo", repository);
  if (!latest) said.set("tag", version);
  said.set("isLatest", latest);
  said.set("userFeatureId", source.user_id);
  said.set("userFeatureIdWithoutVersion", source.place);
  return said;
}

Result<Value> parsed_document(const std::map<std::string, std::string>& documents) {
  auto found = documents.find(std::string(feature_document));
  if (found == documents.end()) return Value();
  PHOTON_TRY(auto parsed, parse_tolerant(decoded(found->second)));
  return std::move(parsed.value);
}

}  // namespace

tl::unexpected<Error> could_not_process(const std::string& id, std::string_view why, std::string hint) {
  return fail(Kind::failed, "reference.feature",
              fmt::format("Feature '{}' could not be processed: {}", shown(id, 300), why), std::move(hint));
}

Value FeatureSource::information() const {
  if (kind == FeatureKind::github) return github_information(*this);
  Object said;
  if (kind == FeatureKind::registry) {
    said.set("type", "oci");
    said.set("manifest", manifest_value);
    said.set("manifestDigest", manifest.digest);
    said.set("featureRef", package.value());
    said.set("userFeatureId", user_id);
    said.set("userFeatureIdWithoutVersion", without_version(user_id));
    return said;
  }
  bool local = kind == FeatureKind::local;
  said.set("type", local ? "file-path" : "direct-tarball");
  said.set(local ? "resolvedFilePath" : "tarballUri", place);
  said.set("userFeatureId", user_id);
  return said;
}

Result<FeatureSource> read_feature_id(const std::string& written, const FeatureInputs& inputs) {
  FeatureSource source;
  source.user_id = written;
  auto id = of_today(written);
  if (id.find_first_of("/\\") == id.npos)
    return fail(Kind::failed, "reference.feature",
                fmt::format("Legacy feature '{}' not supported.", shown(id, 300)),
                "a local feature is written as ./" + shown(id, 300));
  if (id.starts_with(secure)) {
    source.kind = FeatureKind::archive;
    PHOTON_TRY(source.place, address_of(id));
    PHOTON_TRY(source.id, id_in_address(id, source.place));
    return source;
  }
  if (id.starts_with("./") || id.starts_with("../") || id.starts_with('/')) {
    PHOTON_TRY(source.place, local_folder(id, inputs));
    source.id = base_name(id);
    return source;
  }
  source.kind = FeatureKind::registry;
  if (auto name = parse_package_name(id, inputs.tell)) {
    source.package = std::move(*name);
    source.place = source.package.resource;
    source.id = source.package.id;
    return source;
  }
  PHOTON_CHECK(become_github(source, id));
  return source;
}

Result<std::string> locked_digest(const FeatureInputs& inputs, const std::string& id) {
  if (!inputs.lock.truthy()) return std::string();
  PHOTON_TRY(const auto* features, inputs.lock.member("features"));
  PHOTON_TRY(const auto* entry, features->member(id));
  const Value& digest = entry->at("integrity");
  if (!digest.truthy()) return std::string();
  auto text = digest.to_text();
  // It becomes a part of an address.
  if (text.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyz:") != text.npos)
    return could_not_process(id, "the lock file names no digest for it",
                             "devcontainer upgrade writes a new one");
  return text;
}

Result<void> look_up(FeatureSource& source, const FeatureInputs& inputs) {
  PHOTON_CHECK(look_up_package(source, inputs));
  if (source.kind != FeatureKind::registry || !source.manifest.bytes.empty()) return {};
  return become_github(source, of_today(source.user_id));
}

Result<void> look_up_package(FeatureSource& source, const FeatureInputs& inputs) {
  if (source.kind != FeatureKind::registry || !source.manifest.bytes.empty()) return {};
  auto id = of_today(source.user_id);
  PHOTON_TRY(auto locked, locked_digest(inputs, id));
  std::optional<PackageManifest> found;
  const auto& host = source.package.registry;
  // A name without a dot is no host, and asking a name server for it would be in vain.
  if (host.find('.') != host.npos || host.starts_with("localhost")) {
    PHOTON_TRY(found,
               inputs.packages.manifest(source.package, locked.empty() ? source.package.version : locked));
  }
  if (found) {
    auto expected = locked.empty() ? source.package.digest.value_or("") : locked;
    if (!expected.empty() && found->digest != expected)
      return could_not_process(
          id, fmt::format("its manifest has the digest {}, not {}", found->digest, expected),
          "the lock file or the registry is wrong; devcontainer upgrade writes a new lock");
    PHOTON_TRY(source.manifest_value, parse_strict(decoded(found->bytes)));
    PHOTON_TRY(const auto* config, source.manifest_value.member("config"));
    PHOTON_TRY(const auto* type, config->member("mediaType"));
    if (type->text() && *type->text() == config_type) {
      source.manifest = std::move(*found);
      return {};
    }
    inputs.tell(
        fmt::format("{} is another sort of package: {}", source.package.resource, shown(type->to_text())));
    source.manifest_value = {};
  }
  return {};
}

Result<Value> metadata_of(const FeatureSource& source, const FeatureInputs& inputs) {
  if (source.kind == FeatureKind::local) {
    PHOTON_TRY(auto bytes, inputs.read(joined({source.place, feature_document})));
    PHOTON_TRY(auto parsed, parse_tolerant(decoded(bytes)));
    return std::move(parsed.value);
  }
  if (source.kind == FeatureKind::github) return Value();
  if (source.kind == FeatureKind::archive) {
    PHOTON_TRY(auto locked, locked_digest(inputs, source.place));
    auto content = inputs.packages.archive(source.place);
    // Nothing is known of it, and it may be none that is installed: who installs it fails.
    if (!content || (!locked.empty() && content->digest != locked)) {
      inputs.tell(fmt::format("nothing is known of {}: {}", source.place,
                              content ? "its digest is not the lock's" : content.error().message));
      return Value();
    }
    return parsed_document(content->documents);
  }
  const Value& said = source.manifest_value.at("annotations").at(annotation);
  if (said.truthy()) {
    PHOTON_TRY(auto parsed, parse_tolerant(said.to_text()));
    return std::move(parsed.value);
  }
  PHOTON_TRY(auto content, package_content(source, inputs));
  return parsed_document(content.documents);
}

Result<PackageContent> package_content(const FeatureSource& source, const FeatureInputs& inputs) {
  PHOTON_TRY(const auto* layers, source.manifest_value.member("layers"));
  PHOTON_TRY(const auto* first, layers->member("0"));
  PHOTON_TRY(const auto* digest, first->member("digest"));
  if (!digest->text()) return could_not_process(source.user_id, "its manifest names no layer by a digest");
  return inputs.packages.layer(source.package, *digest->text());
}

}  // namespace photon::spec::reference
