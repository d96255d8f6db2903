// Blobs, image records, leases and unpacked layers.
#include <ctime>

#include "devenv/core/name.hpp"
#include "devenv/core/undo.hpp"
#include "devenv/engine/containerd/client.hpp"
#include "devenv/engine/containerd/proto/content.grpc.pb.h"
#include "devenv/engine/containerd/proto/diff.grpc.pb.h"
#include "devenv/engine/containerd/proto/images.grpc.pb.h"
#include "devenv/engine/containerd/proto/leases.grpc.pb.h"
#include "devenv/engine/containerd/proto/snapshots.grpc.pb.h"
#include "devenv/engine/containerd/session.hpp"

namespace photon::engine {
namespace {

namespace content = containerd::services::content::v1;
namespace diff = containerd::services::diff::v1;
namespace pictures = containerd::services::images::v1;
namespace leases = containerd::services::leases::v1;
namespace snaps = containerd::services::snapshots::v1;
using content::Content;
using diff::Diff;
using google::protobuf::Empty;
using leases::Leases;
using pictures::Images;
using snaps::Snapshots;
using namespace std::chrono_literals;

constexpr auto lease_life = std::chrono::hours(24);  // longer than the slowest pull
constexpr auto apply_limit = std::chrono::minutes(30);
constexpr std::size_t piece = 1 << 20;
constexpr char diff_label[] = "containerd.io/uncompressed";

std::string in_utc(std::chrono::system_clock::time_point when) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(when);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

template <class To>
void fill(To& to, const Descriptor& from) {
  to.set_media_type(from.media_type);
  to.set_digest(from.digest);
  to.set_size(static_cast<std::int64_t>(from.size));
  to.mutable_annotations()->insert(from.annotations.begin(), from.annotations.end());
}

ImageRecord record_of(const pictures::Image& from) {
  ImageRecord out;
  out.name = from.name();
  out.target = {from.target().media_type(),
                from.target().digest(),
                static_cast<std::uint64_t>(from.target().size()),
                {from.target().annotations().begin(), from.target().annotations().end()}};
  out.labels = {from.labels().begin(), from.labels().end()};
  out.created = from.created_at().seconds();
  return out;
}

class ContainerdImages : public ImageStore {
 public:
  explicit ContainerdImages(std::shared_ptr<Session> session)
      : session_(std::move(session)),
        content_(session_->line),
        diff_(session_->line),
        images_(session_->line),
        leases_(session_->line),
        snapshots_(session_->line) {}

  Result<std::string> new_lease() override;
  Result<void> drop_lease(const std::string& lease) override { return drop(lease, false); }
  Result<std::optional<Blob>> blob(const std::string& digest) override;
  Result<std::string> read_blob(const std::string& digest, std::size_t limit) override;
  Result<void> read_blob(const std::string& digest,
                         const std::function<Result<void>(std::string_view)>& sink) override;
  Result<std::unique_ptr<BlobWriter>> write_blob(const std::string& ref, std::uint64_t size,
                                                 const std::string& digest,
                                                 const std::string& lease) override {
    return open_writer(session_, *this, ref, size, digest, lease);
  }
  Result<void> label_blob(const std::string& digest,
                          const std::map<std::string, std::string>& labels) override;
  Result<std::optional<ImageRecord>> image(const std::string& name) override;
  Result<std::vector<ImageRecord>> images() override;
  Result<void> put_image(const ImageRecord& image) override;
  Result<void> remove_image(const std::string& name) override;
  Result<void> collect() override;
  Result<bool> has_snapshot(const std::string& chain) override;
  Result<std::string> unpack(const Descriptor& layer, const std::string& parent, const std::string& chain,
                             const std::string& lease) override;
  Result<Packed> pack(const std::string& key, const std::string& lease) override {
    PHOTON_TRY(auto packed, pack_snapshot(*session_, key, lease,
                                          [this](const std::string& digest) { return blob(digest); }));
    PHOTON_CHECK(hold(lease, "content", packed.layer.digest));
    return packed;
  }
  [[nodiscard]] std::string snapshotter() const override { return session_->snapshotter; }

 private:
  Result<void> drop(const std::string& lease, bool wait);
  Result<std::optional<snaps::Info>> snapshot(const std::string& chain);
  Result<std::string> known_diff(const snaps::Info& chain, const Descriptor& layer, const std::string& lease);
  Result<void> hold(const std::string& lease, const std::string& type, const std::string& id);
  Result<std::string> apply(const Descriptor& layer, const std::string& key, const std::string& parent,
                            const std::string& lease);
  void remove_snapshot(const std::string& key);

  std::shared_ptr<Session> session_;
  Reach<Content> content_;
  Reach<Diff> diff_;
  Reach<Images> images_;
  Reach<Leases> leases_;
  Reach<Snapshots> snapshots_;
};

Result<std::string> ContainerdImages::new_lease() {
  leases::CreateRequest request;
  request.set_id("devenv-" + random_id());
  (*request.mutable_labels())["containerd.io/gc.expire"] =
      in_utc(std::chrono::system_clock::now() + lease_life);
  leases::CreateResponse made;
  PHOTON_CHECK(call("make a lease", *leases_, &Leases::Stub::Create, request, made));
  return made.lease().id();
}

Result<void> ContainerdImages::drop(const std::string& lease, bool wait) {
  leases::DeleteRequest request;
  request.set_id(lease);
  request.set_sync(wait);
  Empty done;
  const CallOptions options{.limit = wait ? std::chrono::milliseconds(5min) : std::chrono::milliseconds(10s)};
  return unless_missing(call("drop a lease", *leases_, &Leases::Stub::Delete, request, done, options));
}

Result<void> ContainerdImages::collect() {
  PHOTON_TRY(const std::string lease, new_lease());
  return drop(lease, true);  // the one way to ask for a collection and wait
}

Result<void> ContainerdImages::hold(const std::string& lease, const std::string& type,
                                    const std::string& id) {
  if (lease.empty()) return {};
  leases::AddResourceRequest request;
  request.set_id(lease);
  request.mutable_resource()->set_type(type);
  request.mutable_resource()->set_id(id);
  Empty done;
  return call("hold by a lease", *leases_, &Leases::Stub::AddResource, request, done);
}

Result<std::optional<Blob>> ContainerdImages::blob(const std::string& digest) {
  content::InfoRequest request;
  request.set_digest(digest);
  content::InfoResponse found;
  auto result = call("find a blob", *content_, &Content::Stub::Info, request, found);
  if (!result && is_missing(result.error())) return std::optional<Blob>();
  PHOTON_CHECK(std::move(result));
  const content::Info& info = found.info();
  return std::optional(Blob{
      info.digest(), static_cast<std::uint64_t>(info.size()), {info.labels().begin(), info.labels().end()}});
}

Result<std::string> ContainerdImages::read_blob(const std::string& digest, std::size_t limit) {
  std::string bytes;
  PHOTON_CHECK(read_blob(digest, [&](std::string_view part) -> Result<void> {
    if (bytes.size() + part.size() > limit)
      return fail(Kind::failed, "engine.size",
                  fmt::format("the blob {} is larger than {} bytes", digest, limit));
    bytes += part;
    return {};
  }));
  return bytes;
}

Result<void> ContainerdImages::read_blob(const std::string& digest,
                                         const std::function<Result<void>(std::string_view)>& sink) {
  content::ReadContentRequest request;
  request.set_digest(digest);
  grpc::ClientContext context;
  prepare(context, {.limit = 0ms});
  const auto reader = content_->Read(&context, request);
  content::ReadContentResponse part;
  while (reader->Read(&part)) {
    for (std::string_view left = part.data(); !left.empty(); left.remove_prefix(std::min(piece, left.size())))
      if (auto taken = sink(left.substr(0, piece)); !taken) {
        context.TryCancel();
        (void)reader->Finish();
        return taken;
      }
  }
  const grpc::Status status = reader->Finish();
  if (!status.ok()) return tl::unexpected<Error>(to_error(status, "read a blob"));
  return {};
}

Result<void> ContainerdImages::label_blob(const std::string& digest,
                                          const std::map<std::string, std::string>& labels) {
  content::UpdateRequest request;
  request.mutable_info()->set_digest(digest);
  request.mutable_info()->mutable_labels()->insert(labels.begin(), labels.end());
  for (const auto& [key, value] : labels) request.mutable_update_mask()->add_paths("labels." + key);
  content::UpdateResponse updated;
  return call("label a blob", *content_, &Content::Stub::Update, request, updated);
}

Result<std::optional<ImageRecord>> ContainerdImages::image(const std::string& name) {
  pictures::GetImageRequest request;
  request.set_name(name);
  pictures::GetImageResponse found;
  auto result = call("find an image", *images_, &Images::Stub::Get, request, found);
  if (!result && is_missing(result.error())) return std::optional<ImageRecord>();
  PHOTON_CHECK(std::move(result));
  return std::optional(record_of(found.image()));
}

Result<std::vector<ImageRecord>> ContainerdImages::images() {
  pictures::ListImagesResponse found;
  PHOTON_CHECK(call("list the images", *images_, &Images::Stub::List, pictures::ListImagesRequest(), found));
  std::vector<ImageRecord> out;
  for (const auto& one : found.images()) out.push_back(record_of(one));
  return out;
}

Result<void> ContainerdImages::put_image(const ImageRecord& image) {
  pictures::CreateImageRequest request;
  pictures::Image& record = *request.mutable_image();
  record.set_name(image.name);
  record.mutable_labels()->insert(image.labels.begin(), image.labels.end());
  fill(*record.mutable_target(), image.target);
  if (image.created != 0) record.mutable_created_at()->set_seconds(image.created);
  pictures::CreateImageResponse made;
  auto result = call("record an image", *images_, &Images::Stub::Create, request, made);
  if (result || result.error().kind != Kind::conflict) return result;
  pictures::UpdateImageRequest change;
  change.mutable_image()->Swap(&record);
  pictures::UpdateImageResponse changed;
  return call("change an image", *images_, &Images::Stub::Update, change, changed);
}

Result<void> ContainerdImages::remove_image(const std::string& name) {
  pictures::DeleteImageRequest request;
  request.set_name(name);
  Empty done;
  return unless_missing(call("remove an image", *images_, &Images::Stub::Delete, request, done));
}

Result<std::optional<snaps::Info>> ContainerdImages::snapshot(const std::string& chain) {
  snaps::StatSnapshotRequest request;
  request.set_snapshotter(session_->snapshotter);
  request.set_key(chain);
  snaps::StatSnapshotResponse found;
  auto result = call("find a snapshot", *snapshots_, &Snapshots::Stub::Stat, request, found);
  if (!result && is_missing(result.error())) return std::optional<snaps::Info>();
  PHOTON_CHECK(std::move(result));
  if (found.info().kind() != snaps::COMMITTED) return std::optional<snaps::Info>();
  return std::optional(found.info());
}

Result<bool> ContainerdImages::has_snapshot(const std::string& chain) {
  PHOTON_TRY(const auto found, snapshot(chain));
  return found.has_value();
}

void ContainerdImages::remove_snapshot(const std::string& key) {
  snaps::RemoveSnapshotRequest request;
  request.set_snapshotter(session_->snapshotter);
  request.set_key(key);
  Empty done;
  (void)call("remove a snapshot", *snapshots_, &Snapshots::Stub::Remove, request, done, {.limit = 60s});
}

/// The diff id of a layer that was unpacked earlier; empty: nobody wrote it down.
Result<std::string> ContainerdImages::known_diff(const snaps::Info& chain, const Descriptor& layer,
                                                 const std::string& lease) {
  PHOTON_CHECK(hold(lease, "snapshots/" + session_->snapshotter, chain.name()));
  if (const auto at = chain.labels().find(diff_label); at != chain.labels().end()) return at->second;
  PHOTON_TRY(const auto stored, blob(layer.digest));
  if (!stored) return std::string();
  const auto at = stored->labels.find(diff_label);
  return at == stored->labels.end() ? std::string() : at->second;
}

Result<std::string> ContainerdImages::apply(const Descriptor& layer, const std::string& key,
                                            const std::string& parent, const std::string& lease) {
  snaps::PrepareSnapshotRequest request;
  request.set_snapshotter(session_->snapshotter);
  request.set_key(key);
  request.set_parent(parent);
  snaps::PrepareSnapshotResponse made;
  PHOTON_CHECK(call("make a snapshot", *snapshots_, &Snapshots::Stub::Prepare, request, made,
                    {.limit = 60s, .lease = lease}));
  diff::ApplyRequest unpack;
  fill(*unpack.mutable_diff(), layer);
  *unpack.mutable_mounts() = made.mounts();
  diff::ApplyResponse applied;
  const auto done = call("unpack a layer", *diff_, &Diff::Stub::Apply, unpack, applied,
                         {.limit = apply_limit, .lease = lease});
  if (!done && session_->machine.user_namespace && done.error().message.find("Lchown") != std::string::npos)
    return fail(Kind::denied, "engine.ids", "the image has files of users beyond your subordinate ids",
                "widen your lines in /etc/subuid and /etc/subgid to 65536 ids, then devenv shutdown --all");
  PHOTON_CHECK(done);
  return applied.applied().digest();
}

Result<std::string> ContainerdImages::unpack(const Descriptor& layer, const std::string& parent,
                                             const std::string& chain, const std::string& lease) {
  PHOTON_TRY(const auto there, snapshot(chain));
  if (there) {
    PHOTON_TRY(std::string known, known_diff(*there, layer, lease));
    if (!known.empty()) return known;
  }
  const std::string key = "unpack-" + random_id();
  OnFailure undo{[&] { remove_snapshot(key); }};
  PHOTON_TRY(std::string diff_id, apply(layer, key, parent, lease));
  snaps::CommitSnapshotRequest request;
  request.set_snapshotter(session_->snapshotter);
  request.set_name(chain);
  request.set_key(key);
  (*request.mutable_labels())[diff_label] = diff_id;
  Empty done;
  auto result = call("keep a layer", *snapshots_, &Snapshots::Stub::Commit, request, done,
                     {.limit = 60s, .lease = lease});
  // Somebody else was faster: theirs is the same, and the undo takes ours away.
  if (!result && result.error().kind == Kind::conflict) {
    PHOTON_CHECK(hold(lease, "snapshots/" + session_->snapshotter, chain));
  } else if (!result) {
    return tl::unexpected<Error>(std::move(result).error());
  } else {
    undo.release();
  }
  PHOTON_CHECK(label_blob(layer.digest, {{diff_label, diff_id}}));
  return diff_id;
}

}  // namespace

std::unique_ptr<ImageStore> make_images(std::shared_ptr<Session> session) {
  return std::make_unique<ContainerdImages>(std::move(session));
}

}  // namespace photon::engine
