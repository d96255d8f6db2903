// A snapshot as a blob: containerd compares it with the one below it and writes the difference.
#include "devenv/core/name.hpp"
#include "devenv/core/undo.hpp"
#include "devenv/engine/containerd/client.hpp"
#include "devenv/engine/containerd/proto/diff.grpc.pb.h"
#include "devenv/engine/containerd/proto/snapshots.grpc.pb.h"
#include "devenv/engine/containerd/session.hpp"

namespace photon::engine {
namespace {

namespace diff = containerd::services::diff::v1;
namespace snaps = containerd::services::snapshots::v1;
using diff::Diff;
using google::protobuf::Empty;
using snaps::Snapshots;
using namespace std::chrono_literals;

constexpr auto pack_limit = std::chrono::minutes(60);
constexpr char media_type[] = "application/vnd.oci.image.layer.v1.tar+gzip";
constexpr char tar_label[] = "containerd.io/uncompressed";
/// Of a snapshot: the blob that it was packed into.
constexpr char packed_label[] = "photon.packed";

class Pack {
 public:
  Pack(const Session& session, const std::string& key, const std::string& lease)
      : session_(session), key_(key), lease_(lease), snapshots_(session.line), diff_(session.line) {}

  Result<snaps::Info> info() {
    snaps::StatSnapshotRequest request;
    request.set_snapshotter(session_.snapshotter);
    request.set_key(key_);
    snaps::StatSnapshotResponse found;
    PHOTON_CHECK(call("find a layer", *snapshots_, &Snapshots::Stub::Stat, request, found));
    return found.info();
  }

  Result<Descriptor> run(const std::string& below) {
    const std::string left = "pack-" + random_id();
    const std::string right = "pack-" + random_id();
    Finally clean([&] {
      remove(left);
      remove(right);
    });
    diff::DiffRequest request;
    if (!below.empty()) PHOTON_CHECK(look_at(left, below, *request.mutable_left()));
    PHOTON_CHECK(look_at(right, key_, *request.mutable_right()));
    request.set_media_type(media_type);
    request.set_ref("pack-" + key_);
    diff::DiffResponse made;
    PHOTON_CHECK(call("pack a layer", *diff_, &Diff::Stub::Diff, request, made,
                      {.limit = pack_limit, .lease = lease_}));
    return Descriptor{media_type, made.diff().digest(), static_cast<std::uint64_t>(made.diff().size()), {}};
  }

  Result<void> remember(const std::string& digest) {
    snaps::UpdateSnapshotRequest request;
    request.set_snapshotter(session_.snapshotter);
    request.mutable_info()->set_name(key_);
    (*request.mutable_info()->mutable_labels())[packed_label] = digest;
    request.mutable_update_mask()->add_paths(fmt::format("labels.{}", packed_label));
    snaps::UpdateSnapshotResponse changed;
    return call("label a layer", *snapshots_, &Snapshots::Stub::Update, request, changed);
  }

 private:
  template <class Mounts>
  Result<void> look_at(const std::string& name, const std::string& snapshot, Mounts& mounts) {
    snaps::ViewSnapshotRequest request;
    request.set_snapshotter(session_.snapshotter);
    request.set_key(name);
    request.set_parent(snapshot);
    snaps::ViewSnapshotResponse made;
    PHOTON_CHECK(call("look at a layer", *snapshots_, &Snapshots::Stub::View, request, made,
                      {.limit = 60s, .lease = lease_}));
    mounts = made.mounts();
    return {};
  }

  void remove(const std::string& name) {
    snaps::RemoveSnapshotRequest request;
    request.set_snapshotter(session_.snapshotter);
    request.set_key(name);
    Empty done;
    (void)call("remove a view", *snapshots_, &Snapshots::Stub::Remove, request, done, {.limit = 60s});
  }

  const Session& session_;
  const std::string& key_;
  const std::string& lease_;
  Reach<Snapshots> snapshots_;
  Reach<Diff> diff_;
};

Result<Packed> packed(const Blob& blob) {
  auto tar = blob.labels.find(tar_label);
  if (tar == blob.labels.end())
    return fail(Kind::corrupt, "engine.pack",
                fmt::format("nobody wrote down what {} unpacks to", blob.digest));
  return Packed{{media_type, blob.digest, blob.size, {}}, tar->second};
}

}  // namespace

Result<Packed> pack_snapshot(
    const Session& session, const std::string& key, const std::string& lease,
    const std::function<Result<std::optional<Blob>>(const std::string& digest)>& blob) {
  Pack pack(session, key, lease);
  PHOTON_TRY(auto info, pack.info());
  if (auto known = info.labels().find(packed_label); known != info.labels().end()) {
    PHOTON_TRY(auto there, blob(known->second));
    if (there) return packed(*there);
  }
  PHOTON_TRY(auto layer, pack.run(info.parent()));
  PHOTON_TRY(auto made, blob(layer.digest));
  if (!made) return fail(Kind::corrupt, "engine.pack", "the packed layer has gone", "run the command again");
  PHOTON_CHECK(pack.remember(layer.digest));
  return packed(*made);
}

}  // namespace photon::engine
