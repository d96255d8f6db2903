// The way out of an ordinary user's hub: pasta, or slirp4netns where that one cannot run.
#pragma once
#include <string>

#include "devenv/core/error.hpp"
#include "devenv/core/fd.hpp"

namespace photon::network {

/// What both give on the tap: the same numbers, so that nothing else depends on which one runs.
constexpr const char* uplink_resolver = "10.0.2.3";

/// Where the hub is mounted for pasta: it has dropped the right to look into /proc/PID/ns when it opens it,
/// and the AppArmor profile that comes with it allows this folder alone. /run is private to an ordinary
/// user's namespaces.
constexpr const char* uplink_hub = "/run/user/0/netns/devenv";

/// Runs beside us and outlives us; `<folder>/uplink` names it and the hub that it serves.
class Uplink {
 public:
  Uplink(std::string folder, std::string hub) : folder_(std::move(folder)), hub_(std::move(hub)) {}
  /// Idempotent: one that serves this hub stays, one of a former hub is ended. The error says how to mend.
  Result<void> open();
  Result<void> close();
  [[nodiscard]] bool running() const;

 private:
  [[nodiscard]] std::string record() const { return folder_ + "/uplink"; }
  Result<void> note(pid_t pid) const;
  Result<void> start_pasta();
  Result<void> start_pasta_with(const std::string& pid_file);
  Result<void> start_slirp();
  std::string folder_;
  std::string hub_;
};

}  // namespace photon::network
