#include "devenv/image/parts.hpp"

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

Result<void> record(engine::ImageStore& store, const Content& content, const std::string& lease) {
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
  image.created =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
          .count();
  return store.put_image(image);
}

}  // namespace photon::image
