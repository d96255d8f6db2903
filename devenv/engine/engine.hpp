// The border to whatever runs containers. Every call blocks and is safe from several threads at once; call it
// from a worker thread, never from the event loop (docs/decisions/002-blocking-workers.md).
#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <stop_token>

#include "devenv/core/error.hpp"
#include "devenv/core/fd.hpp"
#include "devenv/engine/types.hpp"

namespace photon::engine {

/// A process started beside a container's init.
class Exec {
 public:
  virtual ~Exec() = default;
  /// Our ends of the streams; with a terminal only input and output. Dropping them closes them; end of input
  /// is told by `close_input`.
  virtual Fd& input() = 0;
  virtual Fd& output() = 0;
  virtual Fd& error() = 0;
  virtual Result<void> close_input() = 0;
  virtual Result<void> resize(std::uint16_t rows, std::uint16_t columns) = 0;
  virtual Result<void> signal(int number) = 0;
  /// Exit status, 128 + n for signal n.
  virtual Result<int> wait(std::stop_token stop) = 0;
};

class Engine {
 public:
  virtual ~Engine() = default;
  virtual Result<EngineInfo> info() = 0;
  /// Snapshot, record and task, then start: all or nothing. A container of that id must not exist. Names the
  /// runtime's own message when it refuses.
  virtual Result<Container> run(const ContainerSpec& spec, std::stop_token stop) = 0;
  /// A new task for an existing container whose task has ended. `spec` may differ in process, mounts and
  /// network.
  virtual Result<Container> restart(const ContainerSpec& spec, std::stop_token stop) = 0;
  /// SIGTERM to the init process, SIGKILL to all after `grace`; deletes the task. No task: fine.
  virtual Result<void> stop(const std::string& id, std::chrono::milliseconds grace) = 0;
  /// Waits for the end of the init process: its exit status, 128 + n for signal n. Kind unavailable: the
  /// engine has gone, the container may run on. Not found: it is not there any more.
  virtual Result<int> wait(const std::string& id, std::stop_token stop) = 0;
  /// Task, record and snapshot; what is not there is fine.
  virtual Result<void> remove(const std::string& id) = 0;
  virtual Result<std::optional<Container>> find(const std::string& id) = 0;
  /// Those with that label (and value, unless empty).
  virtual Result<std::vector<Container>> list(const std::string& label, const std::string& value) = 0;
  virtual Result<std::unique_ptr<Exec>> exec(const std::string& id, const ProcessSpec& process) = 0;
  /// Calls `sink` on this thread until stopped; returns an error if the stream breaks.
  virtual Result<void> events(std::stop_token stop, const std::function<void(const Event&)>& sink) = 0;
  /// Bytes that the container's own layer takes.
  virtual Result<std::uint64_t> usage(const std::string& id) = 0;
};

}  // namespace photon::engine
