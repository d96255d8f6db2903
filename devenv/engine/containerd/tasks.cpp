// Containers and their tasks.
#include <csignal>

#include "devenv/core/checkpoint.hpp"
#include "devenv/core/process.hpp"
#include "devenv/core/undo.hpp"
#include "devenv/engine/containerd/client.hpp"
#include "devenv/engine/containerd/proto/containers.grpc.pb.h"
#include "devenv/engine/containerd/proto/runc.pb.h"
#include "devenv/engine/containerd/proto/snapshots.grpc.pb.h"
#include "devenv/engine/containerd/proto/tasks.grpc.pb.h"
#include "devenv/engine/containerd/session.hpp"

namespace photon::engine {
namespace {

namespace records = containerd::services::containers::v1;
namespace snaps = containerd::services::snapshots::v1;
namespace wire = containerd::services::tasks::v1;
using Containers = records::Containers;
using Snapshots = snaps::Snapshots;
using Tasks = wire::Tasks;
using Mounts = google::protobuf::RepeatedPtrField<containerd::types::Mount>;
using google::protobuf::Empty;
using namespace std::chrono_literals;

constexpr auto create_limit = 35s;  ///< the shim itself gives up after 30
constexpr auto kill_limit = 10s;

TaskState state_of(containerd::v1::types::Status status) {
  switch (status) {
    case containerd::v1::types::CREATED:
      return TaskState::created;
    case containerd::v1::types::RUNNING:
      return TaskState::running;
    case containerd::v1::types::PAUSED:
    case containerd::v1::types::PAUSING:
      return TaskState::paused;
    case containerd::v1::types::STOPPED:
      return TaskState::stopped;
    default:
      return TaskState::none;
  }
}

Container container_of(const records::Container& record) {
  Container out;
  out.id = record.id();
  out.image = record.image();
  out.labels.insert(record.labels().begin(), record.labels().end());
  return out;
}

void add_task(Container& to, const containerd::v1::types::Process& task) {
  to.task = state_of(task.status());
  to.pid = task.pid();
  to.exit_status = static_cast<int>(task.exit_status());
}

/// In containerd's filters a value stands in double quotes, as in Go.
std::string filter_text(const std::string& text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

class ContainerdEngine : public Engine {
 public:
  explicit ContainerdEngine(std::shared_ptr<Session> session)
      : session_(std::move(session)),
        containers_(session_->line),
        snapshots_(session_->line),
        tasks_(session_->line) {}

  Result<EngineInfo> info() override {
    EngineInfo out = session_->info;
    out.runtime = session_->runtime->described();
    return out;
  }
  Result<Container> run(const ContainerSpec& spec, std::stop_token stop) override;
  Result<Container> restart(const ContainerSpec& spec, std::stop_token stop) override;
  Result<void> stop(const std::string& id, std::chrono::milliseconds grace) override;
  Result<int> wait(const std::string& id, std::stop_token stop) override;
  Result<void> remove(const std::string& id) override;
  Result<std::optional<Container>> find(const std::string& id) override;
  Result<std::vector<Container>> list(const std::string& label, const std::string& value) override;
  Result<std::unique_ptr<Exec>> exec(const std::string& id, const ProcessSpec& process) override;
  Result<void> events(std::stop_token stop, const std::function<void(const Event&)>& sink) override {
    return watch_events(session_->line, stop, sink);
  }
  Result<std::uint64_t> usage(const std::string& id) override;

 private:
  Result<records::Container> record_of(const ContainerSpec& spec);
  Result<Mounts> make_snapshot(const ContainerSpec& spec, std::stop_token stop);
  Result<Container> start_task(const ContainerSpec& spec, const Mounts& rootfs, std::stop_token stop);
  Result<std::uint32_t> create_task(const ContainerSpec& spec, const Mounts& rootfs);
  Result<void> signal(const std::string& id, int number);
  /// Whether it ended in time; one that is not there has.
  Result<bool> ended_within(const std::string& id, std::chrono::milliseconds limit);
  Result<void> delete_task(const std::string& id);
  Result<void> delete_record(const std::string& id);
  Result<void> delete_snapshot(const std::string& id);

  std::shared_ptr<Session> session_;
  Reach<Containers> containers_;
  Reach<Snapshots> snapshots_;
  Reach<Tasks> tasks_;
};

Result<records::Container> ContainerdEngine::record_of(const ContainerSpec& spec) {
  PHOTON_TRY(const json::value described, runtime_spec(spec, session_->machine));
  records::Container record;
  record.set_id(spec.id);
  record.set_image(spec.image);
  record.mutable_labels()->insert(spec.labels.begin(), spec.labels.end());
  record.mutable_runtime()->set_name("io.containerd.runc.v2");
  record.set_snapshotter(session_->snapshotter);
  record.set_snapshot_key(spec.id);
  set_any(*record.mutable_spec(), spec_type, write_json(described));
  return record;
}

/// The record refers to the snapshot before it is made, so no garbage collection can fall in between.
Result<Mounts> ContainerdEngine::make_snapshot(const ContainerSpec& spec, std::stop_token stop) {
  snaps::PrepareSnapshotRequest request;
  request.set_snapshotter(session_->snapshotter);
  request.set_key(spec.id);
  request.set_parent(spec.parent);
  snaps::PrepareSnapshotResponse made;
  const CallOptions options{.limit = 60s, .stop = stop};
  auto result = call("make a snapshot", *snapshots_, &Snapshots::Stub::Prepare, request, made, options);
  if (!result && result.error().kind == Kind::conflict) {
    // Left by a container that was removed halfway: nothing else takes that name.
    PHOTON_CHECK(delete_snapshot(spec.id));
    result = call("make a snapshot", *snapshots_, &Snapshots::Stub::Prepare, request, made, options);
  }
  PHOTON_CHECK(std::move(result));
  return made.mounts();
}

Result<std::uint32_t> ContainerdEngine::create_task(const ContainerSpec& spec, const Mounts& rootfs) {
  const std::vector<std::string> runtimes = session_->runtime->candidates();
  if (runtimes.empty())
    return fail(Kind::unavailable, "engine.runtime", "neither crun nor runc is installed",
                "apt install crun");
  std::optional<Error> first;
  for (const std::string& runtime : runtimes) {
    containerd::runc::v1::Options options;
    PHOTON_TRY(auto program, session_->runtime->program(runtime));
    options.set_binary_name(program);
    wire::CreateTaskRequest request;
    request.set_container_id(spec.id);
    *request.mutable_rootfs() = rootfs;
    if (!spec.log_file.empty()) {
      // The shim writes the file itself: no reader is needed, and the log goes on without us.
      request.set_stdout("file://" + spec.log_file);
      request.set_stderr("file://" + spec.log_file);
    }
    set_any(*request.mutable_options(), runc_options_type, options.SerializeAsString());
    wire::CreateTaskResponse made;
    // Not to be given up halfway: a shim that starts after that is one that nobody knows.
    auto result = call(fmt::format("create the container with {}", runtime), *tasks_, &Tasks::Stub::Create,
                       request, made, {.limit = create_limit});
    if (result) {
      session_->runtime->worked(runtime);
      return made.pid();
    }
    if (!first) first = std::move(result).error();
    if (first->kind == Kind::cancelled || first->kind == Kind::unavailable || first->kind == Kind::no_space)
      break;
  }
  return tl::unexpected<Error>(std::move(*first));
}

Result<Container> ContainerdEngine::start_task(const ContainerSpec& spec, const Mounts& rootfs,
                                               std::stop_token stop) {
  PHOTON_TRY(const std::uint32_t pid, create_task(spec, rootfs));
  checkpoint("engine.start");
  OnFailure undo{[&] {
    (void)signal(spec.id, SIGKILL);
    (void)ended_within(spec.id, kill_limit);
    (void)delete_task(spec.id);
  }};
  wire::StartRequest request;
  request.set_container_id(spec.id);
  wire::StartResponse started;
  PHOTON_CHECK(call("start the container", *tasks_, &Tasks::Stub::Start, request, started,
                    {.limit = create_limit, .stop = stop}));
  undo.release();
  return Container{spec.id, spec.image, spec.labels, TaskState::running, pid, 0};
}

Result<Container> ContainerdEngine::run(const ContainerSpec& spec, std::stop_token stop) {
  records::CreateContainerRequest request;
  PHOTON_TRY(*request.mutable_container(), record_of(spec));
  records::CreateContainerResponse made;
  PHOTON_CHECK(
      call("record the container", *containers_, &Containers::Stub::Create, request, made, {.stop = stop}));
  OnFailure undo{[&] {
    (void)delete_record(spec.id);
    (void)delete_snapshot(spec.id);
  }};
  checkpoint("engine.snapshot");
  PHOTON_TRY(const Mounts rootfs, make_snapshot(spec, stop));
  checkpoint("engine.task");
  PHOTON_TRY(Container started, start_task(spec, rootfs, stop));
  undo.release();
  return started;
}

Result<Container> ContainerdEngine::restart(const ContainerSpec& spec, std::stop_token stop) {
  PHOTON_TRY(const auto there, find(spec.id));
  if (!there) return fail(Kind::not_found, "engine.container", fmt::format("no container {} here", spec.id));
  if (there->task == TaskState::running || there->task == TaskState::paused)
    return fail(Kind::conflict, "engine.running", fmt::format("the container {} runs", spec.id),
                "stop it first");
  PHOTON_CHECK(delete_task(spec.id));
  records::UpdateContainerRequest request;
  PHOTON_TRY(*request.mutable_container(), record_of(spec));
  request.mutable_update_mask()->add_paths("spec");
  request.mutable_update_mask()->add_paths("labels");
  records::UpdateContainerResponse updated;
  PHOTON_CHECK(call("change the container", *containers_, &Containers::Stub::Update, request, updated));
  snaps::MountsRequest which;
  which.set_snapshotter(session_->snapshotter);
  which.set_key(spec.id);
  snaps::MountsResponse rootfs;
  PHOTON_CHECK(call("find the snapshot", *snapshots_, &Snapshots::Stub::Mounts, which, rootfs));
  return start_task(spec, rootfs.mounts(), stop);
}

Result<void> ContainerdEngine::signal(const std::string& id, int number) {
  wire::KillRequest request;
  request.set_container_id(id);
  request.set_signal(static_cast<std::uint32_t>(number));
  Empty done;
  return unless_missing(call("signal the container", *tasks_, &Tasks::Stub::Kill, request, done));
}

Result<bool> ContainerdEngine::ended_within(const std::string& id, std::chrono::milliseconds limit) {
  wire::WaitRequest request;
  request.set_container_id(id);
  wire::WaitResponse answer;
  if (limit.count() <= 0) return false;
  const auto end = std::chrono::steady_clock::now() + limit;
  auto result =
      call("wait for the container", *tasks_, &Tasks::Stub::Wait, request, answer, {.limit = limit});
  if (result || is_missing(result.error())) return true;
  if (std::chrono::steady_clock::now() + 20ms >= end) return false;  // the deadline, seen from either side
  return tl::unexpected<Error>(std::move(result).error());
}

Result<void> ContainerdEngine::delete_task(const std::string& id) {
  wire::DeleteTaskRequest request;
  request.set_container_id(id);
  wire::DeleteResponse gone;
  return unless_missing(
      call("delete the task", *tasks_, &Tasks::Stub::Delete, request, gone, {.limit = kill_limit}));
}

Result<void> ContainerdEngine::delete_record(const std::string& id) {
  records::DeleteContainerRequest request;
  request.set_id(id);
  Empty done;
  return unless_missing(call("remove the container", *containers_, &Containers::Stub::Delete, request, done));
}

Result<void> ContainerdEngine::delete_snapshot(const std::string& id) {
  snaps::RemoveSnapshotRequest request;
  request.set_snapshotter(session_->snapshotter);
  request.set_key(id);
  Empty done;
  return unless_missing(
      call("remove the snapshot", *snapshots_, &Snapshots::Stub::Remove, request, done, {.limit = 60s}));
}

Result<void> ContainerdEngine::stop(const std::string& id, std::chrono::milliseconds grace) {
  if (grace.count() > 0) PHOTON_CHECK(signal(id, SIGTERM));
  PHOTON_TRY(bool ended, ended_within(id, grace));
  if (!ended) {
    // The init process of a pid namespace takes all others with it.
    PHOTON_CHECK(signal(id, SIGKILL));
    PHOTON_TRY(ended, ended_within(id, kill_limit));
  }
  if (!ended) return fail(Kind::failed, "engine.stop", fmt::format("the container {} does not end", id));
  return delete_task(id);
}

Result<int> ContainerdEngine::wait(const std::string& id, std::stop_token stop) {
  wire::WaitRequest request;
  request.set_container_id(id);
  wire::WaitResponse answer;
  PHOTON_CHECK(call("wait for the container", *tasks_, &Tasks::Stub::Wait, request, answer,
                    {.limit = 0ms, .stop = stop}));
  return static_cast<int>(answer.exit_status());
}

Result<void> ContainerdEngine::remove(const std::string& id) {
  PHOTON_CHECK(stop(id, 0ms));
  checkpoint("engine.delete-record");
  PHOTON_CHECK(delete_record(id));
  checkpoint("engine.delete-snapshot");
  return delete_snapshot(id);
}

Result<std::optional<Container>> ContainerdEngine::find(const std::string& id) {
  records::GetContainerRequest request;
  request.set_id(id);
  records::GetContainerResponse found;
  auto result = call("find the container", *containers_, &Containers::Stub::Get, request, found);
  if (!result && is_missing(result.error())) return std::optional<Container>();
  PHOTON_CHECK(std::move(result));
  Container out = container_of(found.container());
  wire::GetRequest which;
  which.set_container_id(id);
  wire::GetResponse task;
  result = call("find the task", *tasks_, &Tasks::Stub::Get, which, task);
  if (result) add_task(out, task.process());
  PHOTON_CHECK(unless_missing(std::move(result)));
  return std::optional(std::move(out));
}

Result<std::vector<Container>> ContainerdEngine::list(const std::string& label, const std::string& value) {
  records::ListContainersRequest request;
  std::string filter = "labels." + filter_text(label);
  if (!value.empty()) filter += "==" + filter_text(value);
  request.add_filters(filter);
  records::ListContainersResponse found;
  PHOTON_CHECK(call("list the containers", *containers_, &Containers::Stub::List, request, found));
  wire::ListTasksResponse tasks;
  PHOTON_CHECK(call("list the tasks", *tasks_, &Tasks::Stub::List, wire::ListTasksRequest(), tasks));
  std::map<std::string, const containerd::v1::types::Process*> by_id;
  for (const auto& task : tasks.tasks()) by_id[task.id()] = &task;
  std::vector<Container> out;
  for (const auto& record : found.containers()) {
    out.push_back(container_of(record));
    if (const auto at = by_id.find(record.id()); at != by_id.end()) add_task(out.back(), *at->second);
  }
  return out;
}

Result<std::unique_ptr<Exec>> ContainerdEngine::exec(const std::string& id, const ProcessSpec& process) {
  records::GetContainerRequest request;
  request.set_id(id);
  records::GetContainerResponse found;
  PHOTON_CHECK(call("find the container", *containers_, &Containers::Stub::Get, request, found));
  PHOTON_TRY(const json::value spec, parse_json(found.container().spec().value(), "the container's record"));
  return start_exec(session_, id, process, spec);
}

Result<std::uint64_t> ContainerdEngine::usage(const std::string& id) { return snapshot_size(*session_, id); }

}  // namespace

std::unique_ptr<Engine> make_engine(std::shared_ptr<Session> session) {
  return std::make_unique<ContainerdEngine>(std::move(session));
}

}  // namespace photon::engine
