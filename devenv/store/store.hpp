// The journal: SQLite in WAL mode. Intents before irreversible effects are synced to disk (FULL), what
// reconcile can derive again is not (NORMAL). Tables as functions; safe from several threads (one connection,
// one mutex).
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "devenv/core/error.hpp"
#include "devenv/core/json.hpp"
#include "devenv/core/state.hpp"

namespace photon::store {

struct EnvironmentRow {
  std::string id;    ///< random, for ever; container, snapshot, netns and folders bear it
  std::string name;  ///< unique, for people
  State state = State::creating;
  std::uint32_t owner = 0;  ///< uid of the user who made it
  std::string source;       ///< what was typed: URL or folder
  json::value details;      ///< what `environment` keeps: plan, image, user, network, mirrors, ports, failure
  std::int64_t created = 0;  ///< seconds since 1970
  std::int64_t changed = 0;
};

/// A running change of an environment. `step` is the last one begun; done steps are derived from it.
struct JournalRow {
  std::int64_t number = 0;
  std::string environment;
  std::string operation;  ///< "up", "rebuild", "delete", …
  std::string step;       ///< "clone", "image", "network", "container", "hook:postCreateCommand", …
  json::value details;    ///< what undo needs
  std::int64_t begun = 0;
};

/// What is kept for environments to begin from. One that is not ready was begun or is being deleted: the next
/// reconcile takes it away.
struct PrebuildRow {
  std::string id;   ///< random, for ever
  std::string key;  ///< of all that decides what is in it
  bool ready = false;
  std::uint32_t owner = 0;
  std::string source;  ///< URL
  json::value details;
  std::int64_t created = 0;
  std::int64_t used = 0;  ///< when the last environment began from it; seconds since 1970
};

class Store {
 public:
  /// Makes the file (0600) and brings its schema up to date. A newer schema or a broken file: kind corrupt
  /// with the mending line.
  static Result<std::unique_ptr<Store>> open(const std::string& path);
  virtual ~Store() = default;

  virtual Result<void> add(const EnvironmentRow& row) = 0;  ///< conflict if the name is taken
  virtual Result<void> put(const EnvironmentRow& row) = 0;
  virtual Result<std::optional<EnvironmentRow>> by_id(const std::string& id) = 0;
  virtual Result<std::optional<EnvironmentRow>> by_name(const std::string& name) = 0;
  virtual Result<std::vector<EnvironmentRow>> environments() = 0;
  virtual Result<void> erase(const std::string& id) = 0;  ///< with its journal rows

  /// On disk before it returns.
  virtual Result<std::int64_t> begin(const std::string& environment, const std::string& operation,
                                     const std::string& step, const json::value& details) = 0;
  virtual Result<void> step(std::int64_t number, const std::string& step, const json::value& details,
                            bool durable) = 0;
  virtual Result<void> finish(std::int64_t number) = 0;
  virtual Result<std::vector<JournalRow>> unfinished() = 0;

  virtual Result<std::vector<PrebuildRow>> prebuilds() = 0;  ///< the oldest first
  /// Made or changed; on disk before it returns.
  virtual Result<void> put_prebuild(const PrebuildRow& row) = 0;
  virtual Result<void> erase_prebuild(const std::string& id) = 0;

  virtual Result<std::optional<std::string>> setting(const std::string& key) = 0;
  virtual Result<void> set_setting(const std::string& key, const std::string& value) = 0;
};

}  // namespace photon::store
