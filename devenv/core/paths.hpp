// Where things lie: XDG folders for a user, /var/lib/devenv and /run/devenv for the machine.
#pragma once
#include <string>

#include "devenv/core/error.hpp"

namespace photon {

/// All absolute, none made by this call. DEVENV_HOME puts everything below one folder (tests, portable use).
struct Paths {
  std::string data;     ///< journal, environments' folders, containerd's root, keys
  std::string cache;    ///< mirrors of repositories: can be made again
  std::string config;   ///< config.toml, login data
  std::string runtime;  ///< sockets, namespaces; gone after a reboot

  [[nodiscard]] std::string api_socket() const { return runtime + "/api.sock"; }
  [[nodiscard]] std::string broker_socket() const { return runtime + "/broker.sock"; }
  [[nodiscard]] std::string ssh_socket() const { return runtime + "/ssh.sock"; }
  [[nodiscard]] std::string journal() const { return data + "/journal.sqlite"; }
  [[nodiscard]] std::string environment(std::string_view id) const {
    return data + "/environments/" + std::string(id);
  }
  [[nodiscard]] std::string environment_runtime(std::string_view id) const {
    return runtime + "/environments/" + std::string(id);
  }
};

/// `system`: the daemon of the machine. Without HOME or XDG_RUNTIME_DIR a folder below /tmp with mode 0700
/// owned by us serves as runtime; one owned by somebody else is refused.
Result<Paths> find_paths(bool system);
/// Folder of the running program: its siblings (devenv-gateway, devenv-inside) are looked up there, then in
/// ../libexec/devenv.
std::string program_folder();
Result<std::string> sibling_program(std::string_view name);

}  // namespace photon
