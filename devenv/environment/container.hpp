// From a plan to the container that the engine runs, and the first talk with its init.
#pragma once
#include <string>

#include "devenv/environment/names.hpp"
#include "devenv/environment/record.hpp"
#include "devenv/host/host.hpp"
#include "devenv/inside/protocol.hpp"
#include "devenv/spec/spec.hpp"

namespace photon::environment {

inline constexpr const char* environment_label = "photon.environment";

/// Folders of one environment on this machine.
struct Folders {
  std::string data;     ///< <data>/environments/ID: workspace, etc, log
  std::string runtime;  ///< <runtime>/environments/ID: mounted at /run/devenv
  [[nodiscard]] std::string log() const { return data + "/log"; }
  [[nodiscard]] std::string init_log() const { return data + "/init.log"; }
  [[nodiscard]] std::string etc() const { return data + "/etc"; }
  [[nodiscard]] std::string socket() const { return runtime + "/inside.sock"; }
};
Folders folders_of(const Paths& paths, const std::string& id);

/// The spec of the container, all but its network. Makes its volumes and notes them in `record`.
Result<engine::ContainerSpec> container_spec(const spec::Plan& plan, Record& record,
                                             const image::ImageConfig& image, host::Host& host);
/// What is written to a container's /etc.
struct Etc {
  std::vector<Named> lines;
  std::string hostname;
  std::vector<std::string> dns;  ///< none: the machine's
  std::vector<std::string> dns_search;
  std::vector<std::string> dns_options;
  std::vector<std::pair<std::string, std::string>> hosts;  ///< name, address or host-gateway
  std::string gateway;
};
/// In place, for the files may be mounted.
Result<void> write_etc(const std::string& folder, const Etc& etc, host::Host& host);
/// Writes /etc/hosts, /etc/hostname and /etc/resolv.conf of the environment and names its network. `more`:
/// names and rules of resolving beside its own.
Result<void> connect_network(Record& record, const spec::Plan& plan, host::Host& host, const Etc& more = {});

/// Waits until the init answers; the end of its log if the container ended instead.
Result<void> wait_for_inside(const Record& record, host::Host& host, std::stop_token stop);

/// Resolves the remote user and probes what its shell sets (userEnvProbe). `at_home_of`: another user whose
/// home and shell it has; "" = its own.
Result<void> learn_user(Record& record, const spec::Plan& plan, const image::ImageConfig& image,
                        const Folders& folders, const std::string& at_home_of, std::stop_token stop);

}  // namespace photon::environment
