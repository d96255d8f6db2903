#include "devenv/image/document.hpp"

#include <sys/utsname.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "devenv/core/digest.hpp"

namespace photon::image {
namespace {

tl::unexpected<Error> malformed(const std::string& name, std::string_view what) {
  return fail(Kind::corrupt, "image.document", fmt::format("the image {} has {}", name, what),
              "it was built or copied wrongly; pull another tag or build it again");
}

Result<engine::Descriptor> descriptor(const json::value& value, const std::string& name) {
  engine::Descriptor result;
  result.media_type = text_or(value, "mediaType");
  result.digest = text_or(value, "digest");
  std::int64_t size = number_or(value, "size", -1);
  if (!is_sha256_digest(result.digest) || size < 0)
    return malformed(name, "a descriptor without digest or size");
  result.size = static_cast<std::uint64_t>(size);
  result.annotations = text_map(value, "annotations");
  return result;
}

Platform platform_of(const json::value& value) {
  return {text_or(value, "os"), text_or(value, "architecture"), text_or(value, "variant")};
}

Result<Manifest> manifest_of(const json::value& value, const std::string& name) {
  const json::value* config = member(value, "config");
  const json::value* layers = member(value, "layers");
  if (!config || !layers || !layers->is_array())
    return malformed(name, "a manifest without config or layers");
  Manifest manifest;
  PHOTON_TRY(manifest.config, descriptor(*config, name));
  if (manifest.config.size > document_limit) return malformed(name, "a config that is too large");
  if (layers->get_array().size() > 512) return malformed(name, "more than 512 layers");
  for (const auto& item : layers->get_array()) {
    PHOTON_TRY(auto layer, descriptor(item, name));
    manifest.layers.push_back(std::move(layer));
  }
  return manifest;
}

bool fits(const Platform& offered, const Platform& wanted) {
  if (offered.os != wanted.os || offered.architecture != wanted.architecture) return false;
  return offered.variant.empty() || wanted.variant.empty() || offered.variant == wanted.variant;
}

}  // namespace

std::vector<std::string> text_list(const json::value& object, std::string_view key) {
  std::vector<std::string> result;
  const json::value* found = member(object, key);
  if (!found || !found->is_array()) return result;
  for (const auto& item : found->get_array())
    if (const auto* text = item.if_string()) result.emplace_back(text->data(), text->size());
  return result;
}

std::map<std::string, std::string> text_map(const json::value& object, std::string_view key) {
  std::map<std::string, std::string> result;
  const json::value* found = member(object, key);
  if (!found || !found->is_object()) return result;
  for (const auto& [name, item] : found->get_object())
    if (const auto* text = item.if_string())
      result.emplace(std::string(name.data(), name.size()), std::string(text->data(), text->size()));
  return result;
}

Platform this_platform() {
  utsname names{};
  uname(&names);
  std::string machine = names.machine;
  if (machine == "x86_64") return {"linux", "amd64", ""};
  if (machine == "aarch64") return {"linux", "arm64", "v8"};
  return {"linux", machine, ""};
}

std::string text(const Platform& platform) { return platform.os + "/" + platform.architecture; }

Result<Document> parse_document(std::string_view bytes, std::string_view media_type,
                                const std::string& name) {
  PHOTON_TRY(auto value, parse_json(bytes, "the manifest of " + name, document_limit));
  Document document;
  document.media_type = text_or(value, "mediaType", media_type);
  if (number_or(value, "schemaVersion") != 2)
    return fail(Kind::failed, "image.schema",
                fmt::format("the image {} has a manifest of a format given up long ago", name),
                "push it again with a current tool");
  const json::value* entries = member(value, "manifests");
  if (!entries || !entries->is_array()) {
    PHOTON_TRY(document.manifest, manifest_of(value, name));
    if (document.media_type.empty()) document.media_type = media::oci_manifest;
    return document;
  }
  if (document.media_type.empty()) document.media_type = media::oci_index;
  for (const auto& item : entries->get_array()) {
    IndexEntry entry;
    PHOTON_TRY(entry.descriptor, descriptor(item, name));
    if (const auto* platform = member(item, "platform")) entry.platform = platform_of(*platform);
    document.index.push_back(std::move(entry));
  }
  return document;
}

Result<engine::Descriptor> choose(const std::vector<IndexEntry>& index, const Platform& platform,
                                  const std::string& name) {
  std::string offered;
  for (const auto& entry : index) {
    if (fits(entry.platform, platform) || (index.size() == 1 && entry.platform == Platform{}))
      return entry.descriptor;
    if (entry.platform.os.empty() || entry.platform.os == "unknown") continue;
    offered += (offered.empty() ? "" : ", ") + text(entry.platform);
  }
  return fail(Kind::not_found, "image.platform",
              fmt::format("the image {} is not built for {}", name, text(platform)),
              offered.empty() ? "it names no platform at all" : "it is built for " + offered);
}

Result<Config> parse_config(std::string_view bytes, const std::string& name) {
  PHOTON_TRY(auto value, parse_json(bytes, "the config of " + name, document_limit));
  Config config;
  config.platform = platform_of(value);
  if (const auto* rootfs = member(value, "rootfs")) config.diff_ids = text_list(*rootfs, "diff_ids");
  if (!std::all_of(config.diff_ids.begin(), config.diff_ids.end(), is_sha256_digest))
    return malformed(name, "a layer's id that is no digest");
  const json::value* run = member(value, "config");
  if (!run) return config;
  config.user = text_or(*run, "User");
  config.cwd = text_or(*run, "WorkingDir");
  config.env = text_list(*run, "Env");
  config.entrypoint = text_list(*run, "Entrypoint");
  config.cmd = text_list(*run, "Cmd");
  config.labels = text_map(*run, "Labels");
  config.stop_signal = text_or(*run, "StopSignal");
  if (const auto* health = member(*run, "Healthcheck"))
    config.health = {text_list(*health, "Test"), number_or(*health, "Interval"),
                     number_or(*health, "Timeout"), number_or(*health, "StartPeriod"),
                     number_or(*health, "Retries")};
  return config;
}

std::vector<std::string> chains(const std::vector<std::string>& diff_ids) {
  std::vector<std::string> result;
  for (const auto& id : diff_ids)
    result.push_back(result.empty() ? id : sha256_digest(result.back() + " " + id));
  return result;
}

json::value to_json(const engine::Descriptor& descriptor) {
  return json::object{
      {"mediaType", descriptor.media_type}, {"digest", descriptor.digest}, {"size", descriptor.size}};
}

std::string write_manifest(const Manifest& manifest) {
  json::array layers;
  for (const auto& layer : manifest.layers) layers.push_back(to_json(layer));
  return write_json(json::object{{"schemaVersion", 2},
                                 {"mediaType", media::oci_manifest},
                                 {"config", to_json(manifest.config)},
                                 {"layers", std::move(layers)}});
}

}  // namespace photon::image
