// containerd over gRPC: the one engine of this machine. No other folder sees gRPC or protobuf.
#pragma once
#include <memory>
#include <string>

#include "devenv/engine/engine.hpp"
#include "devenv/engine/images.hpp"
#include "devenv/engine/layers.hpp"

namespace photon::engine {

struct ContainerdOptions {
  std::string system_socket = "/run/containerd/containerd.sock";  ///< used if it answers; "" = never
  bool system_required = false;                                   ///< fail where it does not answer
  std::string root;                                               ///< of a private one: <data>/containerd
  std::string state;          ///< of a private one: <runtime>/containerd; the socket lies there
  std::string cgroup_parent;  ///< "" = no limits and no cgroup path (a user without delegation)
  std::string runtime;        ///< "crun", "runc" or "" = crun where it works, else runc
  bool in_user_namespace = false;
};

/// A connected containerd: system or private. A private one is a child that outlives us; the next `open`
/// finds it by its socket. It is restarted when it has died (`ensure`).
class Containerd {
 public:
  static Result<std::unique_ptr<Containerd>> open(ContainerdOptions options);
  virtual ~Containerd() = default;
  virtual Engine& engine() = 0;
  virtual ImageStore& images() = 0;
  virtual Layers& layers() = 0;
  /// Starts the private containerd again if it does not answer; cheap when it does.
  virtual Result<void> ensure() = 0;
  /// Nothing is to be asked for now: the connection is closed until it is needed again.
  virtual void rest() = 0;
  /// SIGTERM, then SIGKILL after 2 s; containers live on in their shims. Nothing for a system one.
  virtual Result<void> shut_down() = 0;
};

}  // namespace photon::engine
