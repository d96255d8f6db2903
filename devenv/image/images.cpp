#include <fcntl.h>

#include "devenv/core/fd.hpp"
#include "devenv/image/image.hpp"
#include "devenv/image/parts.hpp"

namespace photon::image {
namespace {

std::map<std::string, std::uint64_t> blobs_of(const Content& content) {
  std::map<std::string, std::uint64_t> blobs{{content.target.digest, content.manifest_bytes.size()},
                                             {content.manifest.config.digest, content.manifest.config.size}};
  for (const auto& layer : content.manifest.layers) blobs.emplace(layer.digest, layer.size);
  return blobs;
}

}  // namespace

Images::Images(engine::ImageStore& store, RegistryOptions options)
    : state_(std::make_unique<State>(store, std::move(options))) {}
Images::~Images() = default;

Result<std::optional<ImageConfig>> Images::find(const std::string& reference) {
  PHOTON_TRY(auto parsed, parse_reference(reference));
  PHOTON_TRY(auto image, state_->store.image(parsed.text()));
  if (!image) return std::optional<ImageConfig>();
  PHOTON_TRY(auto content, load(state_->store, *image));
  if (!content) return std::optional<ImageConfig>();
  ImageConfig config = describe(*content);
  if (!config.chain.empty()) {
    PHOTON_TRY(bool unpacked, state_->store.has_snapshot(config.chain));
    if (!unpacked) return std::optional<ImageConfig>();
  }
  return std::optional(std::move(config));
}

Result<std::vector<Images::Row>> Images::list() {
  PHOTON_TRY(auto images, state_->store.images());
  std::vector<Row> rows;
  for (const auto& image : images) {
    Row row{image.name, image.target.digest, image.target.size, image.created};
    // A broken image is shown with the size of its manifest: it can be removed only if it can be seen.
    if (auto content = load(state_->store, image); content && *content) {
      row.size = 0;
      for (const auto& [digest, size] : blobs_of(**content)) row.size += size;
    }
    rows.push_back(std::move(row));
  }
  std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.name < b.name; });
  return rows;
}

Result<void> Images::remove(const std::string& reference) {
  PHOTON_TRY(auto image, known_image(state_->store, reference));
  auto content = load(state_->store, image);
  PHOTON_CHECK(state_->store.remove_image(image.name));
  if (content && *content) {
    std::lock_guard lock(state_->mutex);
    state_->removed.merge(blobs_of(**content));
  }
  return {};
}

Result<bool> Images::holds(const std::string& digest) {
  PHOTON_TRY(auto blob, state_->store.blob(digest));
  return blob.has_value();
}

Result<std::optional<Contents>> Images::contents(const std::string& reference) {
  PHOTON_TRY(auto parsed, parse_reference(reference));
  PHOTON_TRY(auto image, state_->store.image(parsed.text()));
  if (!image) return std::optional<Contents>();
  PHOTON_TRY(auto content, load(state_->store, *image));
  if (!content || content->config.diff_ids.size() != content->manifest.layers.size())
    return std::optional<Contents>();
  for (const auto& layer : content->manifest.layers) {
    PHOTON_TRY(bool there, holds(layer.digest));
    if (!there) return std::optional<Contents>();
  }
  return std::optional(Contents{std::move(content->name), std::move(content->manifest_bytes),
                                std::move(content->manifest.config), std::move(content->manifest.layers),
                                std::move(content->config.diff_ids)});
}

Result<void> Images::copy_blob(const std::string& digest, const std::string& path) {
  PHOTON_TRY(Fd file, open_fd(path, O_WRONLY | O_CREAT | O_EXCL));
  return state_->store.read_blob(digest,
                                 [&](std::string_view bytes) { return write_all(file.get(), bytes); });
}

void Images::State::drop_unfinished(const std::string& name) {
  std::vector<std::string> leases;
  {
    std::lock_guard lock(mutex);
    auto found = unfinished.find(name);
    if (found == unfinished.end()) return;
    leases = std::move(found->second);
    unfinished.erase(found);
  }
  for (const auto& lease : leases) (void)store.drop_lease(lease);
}

Result<std::uint64_t> Images::gc() {
  std::vector<std::string> names;
  {
    std::lock_guard lock(state_->mutex);
    for (const auto& [name, leases] : state_->unfinished) names.push_back(name);
  }
  for (const auto& name : names) state_->drop_unfinished(name);
  PHOTON_CHECK(state_->store.collect());
  std::map<std::string, std::uint64_t> removed;
  {
    std::lock_guard lock(state_->mutex);
    removed.swap(state_->removed);
  }
  std::uint64_t freed = 0;
  for (const auto& [digest, size] : removed) {
    PHOTON_TRY(auto blob, state_->store.blob(digest));
    if (!blob) freed += size;
  }
  return freed;
}

}  // namespace photon::image
