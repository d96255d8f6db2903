#include "devenv/engine/containerd/containerd.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include "devenv/core/undo.hpp"
#include "devenv/engine/containerd/client.hpp"
#include "devenv/engine/containerd/overlay.hpp"
#include "devenv/engine/containerd/private_daemon.hpp"
#include "devenv/engine/containerd/proto/snapshots.grpc.pb.h"
#include "devenv/engine/containerd/proto/version.grpc.pb.h"
#include "devenv/engine/containerd/session.hpp"

namespace photon::engine {
namespace {

using namespace std::chrono_literals;
namespace version_api = containerd::services::version::v1;
namespace snaps = containerd::services::snapshots::v1;

/// `patient`: one of our own that listens already may take a moment to answer. gRPC gets on with connecting
/// only while a call waits for it.
Result<std::string> version_of(const std::shared_ptr<Line>& line, std::chrono::milliseconds limit,
                               bool patient) {
  const Reach<version_api::Version> stub(line);
  version_api::VersionResponse answer;
  PHOTON_CHECK(call("tell its version", *stub, &version_api::Version::Stub::Version,
                    google::protobuf::Empty(), answer, {.limit = limit, .patient = patient}));
  // Debian's is "1.6.20~ds1"
  const std::string version = answer.version();
  return version.substr(0, version.find_first_of("~+ "));
}

/// overlayfs, unless its plugin did not load (a file system or a kernel that has it not).
Result<std::string> snapshotter_of(const std::shared_ptr<Line>& line) {
  const Reach<snaps::Snapshots> stub(line);
  snaps::StatSnapshotRequest request;
  request.set_snapshotter("overlayfs");
  request.set_key("devenv-probe");
  snaps::StatSnapshotResponse found;
  const auto result = call("find a snapshot", *stub, &snaps::Snapshots::Stub::Stat, request, found);
  if (result || is_missing(result.error())) return std::string("overlayfs");
  if (result.error().message.find("not loaded") != std::string::npos) return std::string("native");
  return tl::unexpected<Error>(result.error());
}

/// With version 2 of cgroups alone crun locks memory for a filter of devices, and may not raise that limit.
/// Once it has failed there, what it left in the cgroup gets in the way of runc.
bool crun_fails(const Machine& machine) {
  if (!machine.unified_cgroups || machine.user_namespace) return false;
  rlimit locked{};
  ::getrlimit(RLIMIT_MEMLOCK, &locked);
  const auto& held = machine.held;
  return locked.rlim_max != RLIM_INFINITY &&
         std::find(held.begin(), held.end(), "CAP_SYS_RESOURCE") == held.end();
}

class Connected : public Containerd {
 public:
  Connected(std::shared_ptr<Session> session, std::unique_ptr<PrivateDaemon> own)
      : session_(std::move(session)),
        own_(std::move(own)),
        engine_(make_engine(session_)),
        images_(make_images(session_)),
        layers_(make_layers(session_)) {}

  Engine& engine() override { return *engine_; }
  ImageStore& images() override { return *images_; }
  Layers& layers() override { return *layers_; }

  Result<void> ensure() override {
    std::lock_guard lock(mutex_);
    return answers();
  }

  void rest() override { session_->line->rest(); }

  Result<void> shut_down() override {
    std::lock_guard lock(mutex_);
    if (!own_) return {};
    return own_->stop();
  }

 private:
  /// The channel notices a restart by its next attempt. One that is dying may still seem to listen, so that
  /// is asked each time.
  Result<void> answers() {
    const auto end = std::chrono::steady_clock::now() + 5s;
    for (;;) {
      if (own_ && !own_->listening()) PHOTON_CHECK(own_->start());
      auto version = version_of(session_->line, 2s, own_ != nullptr);
      if (version) return {};
      if (!own_ || std::chrono::steady_clock::now() > end)
        return tl::unexpected<Error>(std::move(version).error());
      ::usleep(10'000);
    }
  }

  std::mutex mutex_;
  std::shared_ptr<Session> session_;
  std::unique_ptr<PrivateDaemon> own_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<ImageStore> images_;
  std::unique_ptr<Layers> layers_;
};

}  // namespace

Result<std::unique_ptr<Containerd>> Containerd::open(ContainerdOptions options) {
  auto session = std::make_shared<Session>();
  session->state = options.state;
  session->info.name = "containerd";
  PHOTON_CHECK(make_directories(options.state, 0711));
  std::unique_ptr<PrivateDaemon> own;
  if (!options.system_socket.empty() && ::access(options.system_socket.c_str(), R_OK | W_OK) == 0) {
    session->info.socket = options.system_socket;
    session->line = std::make_shared<Line>(options.system_socket);
    if (auto version = version_of(session->line, 2s, false)) session->info.version = std::move(*version);
  }
  if (session->info.version.empty() && options.system_required)
    return fail(Kind::unavailable, "engine.system",
                fmt::format("no containerd answers on {}", options.system_socket),
                "start it, or: devenv config set containerd.system auto");
  if (session->info.version.empty()) {
    own = std::make_unique<PrivateDaemon>(options.root, options.state, options.in_user_namespace);
    if (!own->listening()) PHOTON_CHECK(own->start());
    session->info.own = true;
    session->info.socket = own->socket();
    session->line = std::make_shared<Line>(own->socket());
    PHOTON_TRY(session->info.version, version_of(session->line, 10s, true));
  }
  auto snapshotter = snapshotter_of(session->line);
  // It serves its socket even when its store could not be opened.
  if (!snapshotter && own) return tl::unexpected<Error>(own->useless());
  PHOTON_TRY(session->snapshotter, std::move(snapshotter));
  if (own && session->snapshotter == "overlayfs" && !takes_overlays(options.root, options.in_user_namespace))
    session->snapshotter = "native";
  session->machine = this_machine(options.in_user_namespace, options.cgroup_parent);
  session->runtime = std::make_unique<RuntimeChoice>(
      options.runtime, options.state + "/runtime",
      options.in_user_namespace ? options.root + "/runtimes" : "", crun_fails(session->machine));
  return std::make_unique<Connected>(std::move(session), std::move(own));
}

}  // namespace photon::engine
