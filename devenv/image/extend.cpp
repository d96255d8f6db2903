// An image upon another one: layers that were made here, and what its config says anew.
#include <fmt/chrono.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "devenv/core/digest.hpp"
#include "devenv/core/undo.hpp"
#include "devenv/image/parts.hpp"

namespace photon::image {
namespace {

/// Of an image's record.
constexpr const char* extended_label = "photon.extended";

std::string now() {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now())));
}

json::object& object_in(json::object& parent, std::string_view name) {
  auto& value = parent[name];
  if (!value.is_object()) value = json::object();
  return value.get_object();
}

json::array& array_in(json::object& parent, std::string_view name) {
  auto& value = parent[name];
  if (!value.is_array()) value = json::array();
  return value.get_array();
}

/// What other tools have put into the config stays there.
Result<std::string> extended_config(const Content& base, const Extension& extension,
                                    const std::vector<engine::Packed>& packed) {
  PHOTON_TRY(auto value, parse_json(base.config_bytes, "the config of " + base.name, document_limit));
  if (!value.is_object())
    return fail(Kind::corrupt, "image.document", fmt::format("the config of {} is no object", base.name));
  auto& config = value.get_object();
  auto& run = object_in(config, "config");
  json::array env;
  for (const auto& item : extension.env) env.emplace_back(item);
  run["Env"] = std::move(env);
  if (!extension.user.empty()) run["User"] = extension.user;
  auto& labels = object_in(run, "Labels");
  for (const auto& [name, text] : extension.labels) labels[name] = text;
  auto time = now();
  config["created"] = time;
  auto& diff_ids = array_in(object_in(config, "rootfs"), "diff_ids");
  auto& history = array_in(config, "history");
  for (std::size_t i = 0; i < packed.size(); ++i) {
    diff_ids.emplace_back(packed[i].diff_id);
    history.push_back(json::object{{"created", time}, {"created_by", extension.layers[i].made_by}});
  }
  history.push_back(json::object{{"created", time}, {"created_by", "devenv build"}, {"empty_layer", true}});
  return write_json(value);
}

/// Docker's word for a kind of layer in OCI's.
std::string in_oci_words(const std::string& media_type) {
  constexpr std::string_view docker = "application/vnd.docker.image.rootfs.diff.tar";
  if (!media_type.starts_with(docker)) return media_type;
  auto rest = media_type.substr(docker.size());
  if (!rest.empty()) rest[0] = '+';
  return std::string(media::oci_layer) + rest;
}

}  // namespace

Result<void> Images::name(const std::string& reference, const std::string& another) {
  PHOTON_TRY(auto image, known_image(state_->store, reference));
  PHOTON_TRY(auto parsed, parse_reference(another));
  if (parsed.text() == image.name) return {};
  image.name = parsed.text();
  return state_->store.put_image(image);
}

Result<ImageConfig> Images::extend(const std::string& base, const Extension& extension,
                                   const std::string& name, const Work& work) {
  PHOTON_TRY(auto parsed, parse_reference(name));
  PHOTON_TRY(auto content, whole_image(state_->store, base));
  PHOTON_TRY(auto lease, state_->store.new_lease());
  Finally drop{[&] { (void)state_->store.drop_lease(lease); }};
  std::vector<engine::Packed> packed;
  for (const auto& layer : extension.layers) {
    if (work.stopped()) return cancelled();
    work.report({"image", name, fmt::format("packing {}", layer.made_by), 0, 0, false});
    PHOTON_TRY(auto one, state_->store.pack(layer.key, lease));
    packed.push_back(std::move(one));
  }
  PHOTON_TRY(content.config_bytes, extended_config(content, extension, packed));
  PHOTON_TRY(content.config, parse_config(content.config_bytes, name));
  content.name = parsed.text();
  for (auto& layer : content.manifest.layers) layer.media_type = in_oci_words(layer.media_type);
  for (const auto& one : packed) content.manifest.layers.push_back(one.layer);
  content.manifest.config = {
      std::string(media::oci_config), sha256_digest(content.config_bytes), content.config_bytes.size(), {}};
  content.manifest_bytes = write_manifest(content.manifest);
  content.target = {std::string(media::oci_manifest),
                    sha256_digest(content.manifest_bytes),
                    content.manifest_bytes.size(),
                    {}};
  for (std::size_t i = 0; i < content.manifest.layers.size(); ++i) {
    if (work.stopped()) return cancelled();
    PHOTON_CHECK(unpack_layer(state_->store, content, i, lease));
  }
  PHOTON_CHECK(record(state_->store, content, lease, {{extended_label, extension.key}}));
  return describe(content);
}

Result<std::optional<ImageConfig>> Images::find_extended(const std::string& key) {
  PHOTON_TRY(auto images, state_->store.images());
  for (const auto& image : images) {
    auto label = image.labels.find(extended_label);
    if (label == image.labels.end() || label->second != key) continue;
    PHOTON_TRY(auto found, find(image.name));
    if (found) return found;
  }
  return std::optional<ImageConfig>();
}

}  // namespace photon::image
