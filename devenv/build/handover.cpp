#include "devenv/build/handover.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "devenv/core/derived.hpp"
#include "devenv/core/digest.hpp"
#include "devenv/core/fd.hpp"
#include "devenv/image/document.hpp"

namespace photon::build {
namespace {

namespace fs = std::filesystem;
using engine::Descriptor;

std::string file_of(const std::string& folder, const std::string& digest) {
  return folder + "/" + digest.substr(digest.find(':') + 1);
}

Result<Descriptor> read_descriptor(const std::string& path) {
  PHOTON_TRY(auto text, read_file(path, 4096));
  PHOTON_TRY(auto value, parse_json(text, path));
  Descriptor found{text_or(value, "mediaType"),
                   text_or(value, "digest"),
                   static_cast<std::uint64_t>(number_or(value, "size")),
                   {}};
  if (!is_sha256_digest(found.digest)) return fail(Kind::corrupt, "build.known", path + " is broken");
  return found;
}

}  // namespace

Result<void> remember_layer(const std::string& known, const std::string& diff_id,
                            const engine::Descriptor& layer) {
  PHOTON_CHECK(make_directories(known));
  return write_derived(file_of(known, diff_id), write_json(image::to_json(layer)));
}

Result<void> Handover::open() {
  auto blobs = layout_ + "/blobs/sha256";
  std::error_code error;
  fs::remove_all(layout_, error);
  PHOTON_CHECK(make_directories(blobs));
  PHOTON_CHECK(make_directories(known_));
  for (const auto& entry : fs::directory_iterator(known_, error)) {
    auto layer = read_descriptor(entry.path());
    PHOTON_TRY(bool there, layer ? images_.holds(layer->digest) : Result<bool>(false));
    if (there) {
      PHOTON_CHECK(write_derived(blobs + "/" + entry.path().filename().string(), ""));
    } else {
      fs::remove(entry.path(), error);
    }
  }
  return {};
}

Result<void> Handover::complete() {
  auto blobs = layout_ + "/blobs/sha256";
  PHOTON_TRY(auto index, read_file(layout_ + "/index.json", image::document_limit));
  PHOTON_TRY(auto listed, image::parse_document(index, image::media::oci_index, "the index"));
  if (listed.index.size() != 1) return fail(Kind::corrupt, "build.layout", "buildah has written no image");
  PHOTON_TRY(auto bytes, read_file(file_of(blobs, listed.index[0].descriptor.digest), image::document_limit));
  PHOTON_TRY(auto document, image::parse_document(bytes, image::media::oci_manifest, "the manifest"));
  if (!document.manifest) return fail(Kind::corrupt, "build.layout", "buildah has written no manifest");
  auto& manifest = *document.manifest;
  PHOTON_TRY(bytes, read_file(file_of(blobs, manifest.config.digest), image::document_limit));
  PHOTON_TRY(auto config, image::parse_config(bytes, "the image"));
  if (config.diff_ids.size() != manifest.layers.size())
    return fail(Kind::corrupt, "build.layout", "buildah has written other layers than its config names");
  for (std::size_t i = 0; i < manifest.layers.size(); ++i) {
    auto& layer = manifest.layers[i];
    if (auto known = file_of(known_, layer.digest); fs::exists(known)) {
      std::error_code ignored;
      fs::remove(file_of(blobs, layer.digest), ignored);
      PHOTON_TRY(layer, read_descriptor(known));
      // The store has its bytes; by the name the import holds on to them.
      PHOTON_CHECK(write_derived(file_of(blobs, layer.digest), ""));
    } else {
      fresh_[config.diff_ids[i]] = layer;
    }
  }
  auto whole = image::write_manifest(manifest);
  Descriptor target{std::string(image::media::oci_manifest), sha256_digest(whole), whole.size(), {}};
  PHOTON_CHECK(write_derived(file_of(blobs, target.digest), whole));
  return write_derived(layout_ + "/index.json",
                       write_json(json::object{{"schemaVersion", 2},
                                               {"mediaType", image::media::oci_index},
                                               {"manifests", json::array{image::to_json(target)}}}));
}

Result<image::ImageConfig> Handover::close(const std::string& name, const Work& work) {
  PHOTON_CHECK(complete());
  PHOTON_TRY(auto images, images_.import(layout_, name, work));
  for (const auto& [diff_id, layer] : fresh_) PHOTON_CHECK(remember_layer(known_, diff_id, layer));
  return std::move(images.front());
}

}  // namespace photon::build
