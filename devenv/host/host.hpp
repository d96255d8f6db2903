// The machine that environments run on: engine, images and network put together, with the user's or the
// machine's rights. Later kinds (VM, remote, Kubernetes) get a folder each below this one.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "devenv/core/error.hpp"
#include "devenv/core/paths.hpp"
#include "devenv/engine/containerd/containerd.hpp"
#include "devenv/engine/namespaces/namespaces.hpp"
#include "devenv/engine/network/network.hpp"
#include "devenv/image/image.hpp"

namespace photon::host {

struct Options {
  Paths paths;
  namespaces::Entered entered;
  std::string system_containerd = "/run/containerd/containerd.sock";  ///< "" = always a private one
  bool system_required = false;                                       ///< fail where it does not answer
  std::string runtime;                                                ///< "" = probe
  image::RegistryOptions registries;
};

class Host {
 public:
  static Result<std::unique_ptr<Host>> open(Options options);
  virtual ~Host() = default;
  virtual engine::Engine& engine() = 0;
  virtual image::Images& images() = 0;
  virtual engine::Layers& layers() = 0;
  virtual network::Network& network() = 0;
  [[nodiscard]] virtual const Paths& paths() const = 0;
  [[nodiscard]] virtual const namespaces::Entered& entered() const = 0;
  /// Brings back what died (containerd, pasta).
  virtual Result<void> ensure() = 0;
  /// Nothing is to be done for now: what only costs wake-ups is given up until it is needed again.
  virtual void rest() = 0;
  /// The read-only folder that is mounted at /run/devenv/bin in each environment: devenv-inside, sftp-server
  /// with its loader. Made at `open`.
  [[nodiscard]] virtual const std::string& bundle() const = 0;
  /// A bind mount of `source` at a path of our own in which ids are mapped (host uid ↔ container uid), or
  /// `source` itself where that is not possible.
  virtual Result<std::string> map_ownership(const std::string& source, const std::string& id,
                                            std::uint32_t host_uid, std::uint32_t host_gid, std::uint32_t uid,
                                            std::uint32_t gid) = 0;
  virtual Result<void> unmap_ownership(const std::string& id) = 0;
  /// Stops containerd, pasta and the network; for `devenv shutdown --all` and tests. No containers may
  /// run.
  virtual Result<void> shut_down() = 0;

  /// One line of `devenv doctor`.
  struct Check {
    enum class Level { ok, warn, fail } level = Level::ok;
    std::string name;  ///< what was looked at, for programs: "engine", "network", …
    std::string text;
    std::string hint{};
  };
  virtual std::vector<Check> doctor() = 0;
};

/// What can be said of the machine without a running engine; `devenvd check` tells it where no daemon starts.
/// To be called as the user, outside of the user's namespaces.
std::vector<Host::Check> machine_checks(const Paths& paths);
/// Of these, what is true inside of the namespaces as well: a running daemon tells it.
std::vector<Host::Check> resource_checks(const Paths& paths);

}  // namespace photon::host
