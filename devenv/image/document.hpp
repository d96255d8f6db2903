// The JSON documents of an image (OCI image-spec manifest.md, image-index.md, config.md; Docker's are alike).
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "devenv/core/json.hpp"
#include "devenv/engine/images.hpp"
#include "devenv/image/image.hpp"

namespace photon::image {

inline constexpr std::size_t document_limit = 8 << 20;

namespace media {
inline constexpr std::string_view oci_index = "application/vnd.oci.image.index.v1+json";
inline constexpr std::string_view oci_manifest = "application/vnd.oci.image.manifest.v1+json";
inline constexpr std::string_view oci_config = "application/vnd.oci.image.config.v1+json";
inline constexpr std::string_view oci_layer = "application/vnd.oci.image.layer.v1.tar";
inline constexpr std::string_view docker_index = "application/vnd.docker.distribution.manifest.list.v2+json";
inline constexpr std::string_view docker_manifest = "application/vnd.docker.distribution.manifest.v2+json";
}  // namespace media

struct Platform {
  std::string os;
  std::string architecture;
  std::string variant;
  bool operator==(const Platform&) const = default;
};
/// "linux/amd64" and the like, in OCI's words.
Platform this_platform();
std::string text(const Platform& platform);

struct IndexEntry {
  engine::Descriptor descriptor;
  Platform platform;  ///< empty: not said
};
struct Manifest {
  engine::Descriptor config;
  std::vector<engine::Descriptor> layers;
};
/// What a manifest's address may give: an index or a manifest.
struct Document {
  std::vector<IndexEntry> index;
  std::optional<Manifest> manifest;
  std::string media_type;
};
/// `media_type` is what the server says; the document's own word counts more.
Result<Document> parse_document(std::string_view bytes, std::string_view media_type, const std::string& name);
Result<engine::Descriptor> choose(const std::vector<IndexEntry>& index, const Platform& platform,
                                  const std::string& name);

struct Config {
  Platform platform;
  std::vector<std::string> diff_ids;
  std::string user;
  std::vector<std::string> env;
  std::vector<std::string> entrypoint;
  std::vector<std::string> cmd;
  std::string cwd;
  std::map<std::string, std::string> labels;
  std::string stop_signal;
  HealthCheck health;
};
Result<Config> parse_config(std::string_view bytes, const std::string& name);

/// Chain ids of layers 0 to n (config.md, "Layer ChainID").
std::vector<std::string> chains(const std::vector<std::string>& diff_ids);

json::value to_json(const engine::Descriptor& descriptor);
std::string write_manifest(const Manifest& manifest);
std::vector<std::string> text_list(const json::value& object, std::string_view key);
std::map<std::string, std::string> text_map(const json::value& object, std::string_view key);

}  // namespace photon::image
