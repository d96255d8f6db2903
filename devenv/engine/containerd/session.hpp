// What the parts of this folder share about the containerd that they speak to. Private to this folder.
#pragma once
#include <mutex>

#include "devenv/core/json.hpp"
#include "devenv/engine/containerd/client.hpp"
#include "devenv/engine/engine.hpp"
#include "devenv/engine/images.hpp"
#include "devenv/engine/layers.hpp"
#include "devenv/engine/runtime_spec.hpp"

namespace photon::engine {

/// crun first, but where it is known to fail; the other one when the first refuses the first task on this
/// machine. What worked is kept in a file.
class RuntimeChoice {
 public:
  /// `doors` is a folder that is kept: where containers have no control groups of their own; else "".
  RuntimeChoice(std::string asked, std::string file, std::string doors, bool runc_first);
  /// In the order to be tried; one alone once it is known.
  std::vector<std::string> candidates();
  void worked(const std::string& name);
  /// The program that containerd is to call.
  Result<std::string> program(const std::string& name);
  /// "crun 1.8.1"
  std::string described();

 private:
  std::mutex mutex_;
  std::string known_;
  std::string file_;
  std::string doors_;
  bool runc_first_;
  std::map<std::string, std::string> versions_;
};

struct Session {
  std::shared_ptr<Line> line;
  std::string state;  ///< folder for FIFOs and what we remember
  std::string snapshotter;
  Machine machine;
  EngineInfo info;
  std::unique_ptr<RuntimeChoice> runtime;
};

std::unique_ptr<Engine> make_engine(std::shared_ptr<Session> session);
std::unique_ptr<ImageStore> make_images(std::shared_ptr<Session> session);
std::unique_ptr<Layers> make_layers(std::shared_ptr<Session> session);
Result<std::unique_ptr<Exec>> start_exec(const std::shared_ptr<Session>& session,
                                         const std::string& container, const ProcessSpec& process,
                                         const json::value& container_spec);
Result<void> watch_events(const std::shared_ptr<Line>& line, std::stop_token stop,
                          const std::function<void(const Event&)>& sink);
/// Bytes that a snapshot takes itself.
Result<std::uint64_t> snapshot_size(const Session& session, const std::string& key);
/// ImageStore::pack; `blob` is the store's own.
Result<Packed> pack_snapshot(
    const Session& session, const std::string& key, const std::string& lease,
    const std::function<Result<std::optional<Blob>>(const std::string& digest)>& blob);
/// The bidirectional upload of one blob.
Result<std::unique_ptr<BlobWriter>> open_writer(const std::shared_ptr<Session>& session, ImageStore& store,
                                                const std::string& ref, std::uint64_t size,
                                                const std::string& digest, const std::string& lease);

}  // namespace photon::engine
