// Committed snapshots that are roots of containerd's garbage collection by a label.
#include "devenv/engine/layers.hpp"

#include "devenv/engine/containerd/client.hpp"
#include "devenv/engine/containerd/proto/snapshots.grpc.pb.h"
#include "devenv/engine/containerd/session.hpp"

namespace photon::engine {
namespace {

namespace snaps = containerd::services::snapshots::v1;
using google::protobuf::Empty;
using snaps::Snapshots;
using namespace std::chrono_literals;

constexpr char root_label[] = "containerd.io/gc.root";

class ContainerdLayers : public Layers {
 public:
  explicit ContainerdLayers(std::shared_ptr<Session> session)
      : session_(std::move(session)), snapshots_(session_->line) {}

  Result<bool> keep(const std::string& key) override {
    auto marked = mark(key, "yes");
    if (!marked && is_missing(marked.error())) return false;
    PHOTON_CHECK(std::move(marked));
    return true;
  }

  Result<void> let_go(const std::string& key) override { return unless_missing(mark(key, "")); }

  Result<void> commit(const std::string& container, const std::string& key,
                      const std::map<std::string, std::string>& labels) override {
    snaps::CommitSnapshotRequest request;
    request.set_snapshotter(session_->snapshotter);
    request.set_name(key);
    request.set_key(container);
    request.mutable_labels()->insert(labels.begin(), labels.end());
    (*request.mutable_labels())[root_label] = "yes";
    Empty done;
    auto result = call("keep a layer", *snapshots_, &Snapshots::Stub::Commit, request, done, {.limit = 5min});
    if (result || result.error().kind != Kind::conflict) return result;
    PHOTON_TRY(bool there, keep(key));  // somebody else was faster: theirs is the same
    if (there) return {};
    return result;
  }

  Result<std::vector<Layer>> list(const std::string& label) override;

 private:
  /// In one step of containerd's: a collection sees the label, or the snapshot is gone already.
  Result<void> mark(const std::string& key, const std::string& value) {
    snaps::UpdateSnapshotRequest request;
    request.set_snapshotter(session_->snapshotter);
    request.mutable_info()->set_name(key);
    (*request.mutable_info()->mutable_labels())[root_label] = value;
    request.mutable_update_mask()->add_paths(fmt::format("labels.{}", root_label));
    snaps::UpdateSnapshotResponse changed;
    return call("label a layer", *snapshots_, &Snapshots::Stub::Update, request, changed);
  }

  std::shared_ptr<Session> session_;
  Reach<Snapshots> snapshots_;
};

Result<std::vector<Layer>> ContainerdLayers::list(const std::string& label) {
  snaps::ListSnapshotsRequest request;
  request.set_snapshotter(session_->snapshotter);
  grpc::ClientContext context;
  prepare(context, {.limit = 60s});
  const auto reader = snapshots_->List(&context, request);
  std::vector<Layer> layers;
  snaps::ListSnapshotsResponse part;
  while (reader->Read(&part))
    for (const auto& info : part.info())
      if (info.kind() == snaps::COMMITTED && info.labels().contains(label))
        layers.push_back({info.name(), info.parent(), {info.labels().begin(), info.labels().end()}, 0});
  const grpc::Status status = reader->Finish();
  if (!status.ok()) return tl::unexpected<Error>(to_error(status, "list the layers"));
  for (auto& layer : layers) {
    PHOTON_TRY(layer.size, snapshot_size(*session_, layer.key));
  }
  return layers;
}

}  // namespace

std::unique_ptr<Layers> make_layers(std::shared_ptr<Session> session) {
  return std::make_unique<ContainerdLayers>(std::move(session));
}

Result<std::uint64_t> snapshot_size(const Session& session, const std::string& key) {
  snaps::UsageRequest request;
  request.set_snapshotter(session.snapshotter);
  request.set_key(key);
  snaps::UsageResponse answer;
  Reach<Snapshots> snapshots(session.line);
  PHOTON_CHECK(
      call("measure a snapshot", *snapshots, &Snapshots::Stub::Usage, request, answer, {.limit = 60s}));
  return static_cast<std::uint64_t>(answer.size());
}

}  // namespace photon::engine
