#include "devenv/feature/id.hpp"

#include "devenv/core/name.hpp"
#include "devenv/image/registry.hpp"
#include "devenv/spec/reference/package_name.hpp"
#include "devenv/unpack/unpack.hpp"

namespace photon::feature {
namespace {

tl::unexpected<Error> no_id(std::string_view text, std::string_view why, std::string hint = {}) {
  return fail(Kind::usage, "feature.id", fmt::format("\"{}\" names no feature: {}", shown(text, 200), why),
              hint.empty() ? "REGISTRY/PATH:VERSION, https://…/NAME.tgz, or ./FOLDER below .devcontainer"
                           : std::move(hint));
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return out;
}

Result<Id> local_id(const std::string& text, const std::string& folder) {
  auto path = unpack::normal_path(folder.empty() ? text : folder + "/" + text);
  if (!path) return no_id(text, "it lies outside of the workspace", "put its folder below .devcontainer");
  if (!path->starts_with(".devcontainer/"))
    return no_id(text, fmt::format("{} is not below .devcontainer", shown(path->empty() ? "." : *path, 200)),
                 "put its folder there");
  return Id{Sort::local, text, {}, *path};
}

Result<Id> archive_id(const std::string& text, const image::RegistryOptions& options) {
  auto rest = std::string_view(text).substr(text.find("://") + 3);
  std::string host(rest.substr(0, rest.find('/')));
  if (host.empty() || rest.find_first_of(" \t\r\n\"<>\\") != rest.npos)
    return no_id(text, "it is no address");
  if (host.find('@') != host.npos) return no_id(text, "it holds a login", "put that into ~/.netrc");
  // A network in between could put anything in its place, which then runs as root.
  if (text.starts_with("http://") && !image::speaks_plain_http(host, options))
    return no_id(text, "an archive comes by https");
  return Id{Sort::archive, text, {}, text};
}

Result<Id> registry_id(const std::string& text, const std::string& name) {
  auto first = std::string_view(name).substr(0, name.find('/'));
  if (first.find('.') == first.npos && first.find(':') == first.npos && first != "localhost")
    return no_id(text, fmt::format("\"{}\" is no registry", shown(first)), "a registry's name has a dot");
  auto reference = image::parse_reference(name);
  if (!reference) return no_id(text, reference.error().message);
  auto resource = reference->registry + "/" + reference->repository;
  return Id{Sort::registry, text, std::move(*reference), std::move(resource)};
}

}  // namespace

std::pair<std::string, std::string> split_resource(const std::string& resource) {
  auto slash = resource.rfind('/');
  if (slash == resource.npos) return {"", resource};
  return {resource.substr(0, slash), resource.substr(slash + 1)};
}

Result<Id> parse_id(const std::string& text, const std::string& folder,
                    const image::RegistryOptions& options) {
  if (text.empty() || text.size() > 2000) return no_id(text, text.empty() ? "it is empty" : "it is too long");
  if (text.starts_with("./") || text.starts_with("../")) return local_id(text, folder);
  if (text.starts_with('/')) return no_id(text, "a local one is named from devcontainer.json on");
  if (text.starts_with("https://") || text.starts_with("http://")) return archive_id(text, options);
  if (text.find('/') == text.npos) {
    auto bare = text.substr(0, text.find_first_of(":@"));
    if (auto today = spec::reference::of_today(bare); today != bare) return registry_id(text, today);
    return no_id(text, "it has no registry", fmt::format("a local one is written as ./{}", shown(text)));
  }
  return registry_id(text, lower(text));
}

}  // namespace photon::feature
