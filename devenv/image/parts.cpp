#include "devenv/image/parts.hpp"
#include "devenv/core/clock.hpp"

#include "devenv/core/name.hpp"
#include "devenv/core/undo.hpp"

namespace photon::image {
namespace {

/// Labels by which the store's garbage collection finds what a blob refers to.
constexpr std::string_view content_label = "containerd.io/gc.ref.content.";
constexpr std::string_view snapshot_label = "containerd.io/gc.ref.snapshot.";

}  // namespace

std::string size_text(std::uint64_t bytes) {
  if (bytes < 1000) return fmt::format("{} B", bytes);
  if (bytes < 1000 * 1000) return fmt::format("{:.0f} kB", static_cast<double>(bytes) / 1e3);
  if (bytes < 1000 * 1000 * 1000) return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
  return fmt::format("{:.2f} GB", static_cast<double>(bytes) / 1e9);
}

Result<void> Busy::enter(const std::string& digest, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  if (!free_.wait(lock, stop, [&] { return !digests_.contains(digest); })) return cancelled();
  digests_.insert(digest);
  return {};
}

void Busy::leave(const std::string& digest) {
  {
    std::lock_guard lock(mutex_);
    digests_.erase(digest);
  }
  free_.notify_all();
}

ImageConfig describe(const Content& content) {
  ImageConfig result;
  result.name = content.name;
  result.digest = content.target.digest;
  if (auto ids = chains(content.config.diff_ids); !ids.empty()) result.chain = ids.back();
  result.user = content.config.user;
  result.env = content.config.env;
  result.entrypoint = content.config.entrypoint;
  result.cmd = content.config.cmd;
  result.cwd = content.config.cwd;
  result.labels = content.config.labels;
  result.stop_signal = content.config.stop_signal;
  result.health = content.config.health;
  return result;
}

Result<void> keep_blob(engine::ImageStore& store, const std::string& bytes, const std::string& digest,
                       const std::map<std::string, std::string>& labels, const std::string& lease) {
  PHOTON_TRY(auto writer, store.write_blob("document-" + digest, bytes.size(), digest, lease));
  if (writer->offset() != bytes.size()) {
    if (writer->offset() != 0) PHOTON_CHECK(writer->truncate());
    PHOTON_CHECK(writer->write(bytes));
  }
  return writer->commit(bytes.size(), digest, labels);
}

Result<void> unpack_layer(engine::ImageStore& store, const Content& content, std::size_t index,
                          const std::string& lease) {
  auto ids = chains(content.config.diff_ids);
  // One that is there is asked for, too: the store then holds it by our lease.
  auto diff =
      store.unpack(content.manifest.layers[index], index == 0 ? "" : ids[index - 1], ids[index], lease);
  if (!diff)
    return within(std::move(diff.error()),
                  fmt::format("while unpacking layer {} of {}", index + 1, content.name));
  if (!diff->empty() && *diff != content.config.diff_ids[index])
    return fail(
        Kind::corrupt, "image.diff-id",
        fmt::format("layer {} of {} unpacks to other bytes than its config says", index + 1, content.name),
        "the image was built or copied wrongly; pull another tag or build it again");
  return {};
}

Result<void> record(engine::ImageStore& store, const Content& content, const std::string& lease,
                    const std::map<std::string, std::string>& labels) {
  auto ids = chains(content.config.diff_ids);
  std::map<std::string, std::string> config_labels;
  if (!ids.empty())
    config_labels.emplace(fmt::format("{}{}", snapshot_label, store.snapshotter()), ids.back());
  PHOTON_CHECK(keep_blob(store, content.config_bytes, content.manifest.config.digest, config_labels, lease));

  std::map<std::string, std::string> manifest_labels{
      {fmt::format("{}0", content_label), content.manifest.config.digest}};
  for (std::size_t i = 0; i < content.manifest.layers.size(); ++i)
    manifest_labels.emplace(fmt::format("{}{}", content_label, i + 1), content.manifest.layers[i].digest);
  PHOTON_CHECK(keep_blob(store, content.manifest_bytes, content.target.digest, manifest_labels, lease));

  engine::ImageRecord image;
  image.name = content.name;
  image.target = content.target;
  image.labels = labels;
  image.created = unix_time();
  return store.put_image(image);
}

Result<std::optional<Content>> load(engine::ImageStore& store, const engine::ImageRecord& record) {
  Content content;
  content.name = record.name;
  content.target = record.target;
  auto read = [&](const std::string& digest) -> Result<std::optional<std::string>> {
    auto bytes = store.read_blob(digest, document_limit);
    if (bytes) return std::optional(std::move(*bytes));
    if (bytes.error().kind == Kind::not_found) return std::optional<std::string>();
    return tl::unexpected(std::move(bytes.error()));
  };
  for (int depth = 0; depth < 3; ++depth) {  // another tool's record may name an index
    PHOTON_TRY(auto bytes, read(content.target.digest));
    if (!bytes) return std::optional<Content>();
    PHOTON_TRY(auto document, parse_document(*bytes, content.target.media_type, record.name));
    if (!document.manifest) {
      PHOTON_TRY(content.target, choose(document.index, this_platform(), record.name));
      continue;
    }
    content.manifest_bytes = std::move(*bytes);
    content.manifest = std::move(*document.manifest);
    PHOTON_TRY(auto config, read(content.manifest.config.digest));
    if (!config) return std::optional<Content>();
    content.config_bytes = std::move(*config);
    PHOTON_TRY(content.config, parse_config(content.config_bytes, record.name));
    return std::optional(std::move(content));
  }
  return std::optional<Content>();
}

tl::unexpected<Error> unknown_image(const std::string& reference,
                                    const std::vector<engine::ImageRecord>& images) {
  std::vector<std::string_view> names;
  for (const auto& image : images) names.push_back(image.name);
  std::string near = nearest(reference, names);
  return fail(Kind::not_found, "image.unknown", fmt::format("there is no image {} here", shown(reference)),
              near.empty() ? "devenv image ls shows them" : "did you mean " + near + "?");
}

Result<engine::ImageRecord> known_image(engine::ImageStore& store, const std::string& reference) {
  PHOTON_TRY(auto parsed, parse_reference(reference));
  PHOTON_TRY(auto image, store.image(parsed.text()));
  if (image) return std::move(*image);
  PHOTON_TRY(auto images, store.images());
  return unknown_image(parsed.text(), images);
}

Result<Content> whole_image(engine::ImageStore& store, const std::string& reference) {
  PHOTON_TRY(auto image, known_image(store, reference));
  PHOTON_TRY(auto content, load(store, image));
  bool whole = content && content->config.diff_ids.size() == content->manifest.layers.size();
  if (whole)
    for (const auto& layer : content->manifest.layers) {
      PHOTON_TRY(auto blob, store.blob(layer.digest));
      whole = whole && blob;
    }
  if (whole) return std::move(*content);
  return fail(Kind::corrupt, "image.incomplete", fmt::format("parts of the image {} are missing", image.name),
              fmt::format("devenv image rm {} and bring it in again", image.name));
}

}  // namespace photon::image
