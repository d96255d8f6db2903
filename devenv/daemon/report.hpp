// What /v1/status and /v1/doctor tell.
#pragma once
#include "devenv/api/wire/wire.hpp"
#include "devenv/environment/environment.hpp"

namespace photon::daemon {

struct Facts {
  bool system = false;
  std::string ssh;                 ///< TCP address of the SSH endpoint, or ""
  std::optional<Error> ssh_fault;  ///< why there is none, though one was asked for
};

std::string_view version();
Result<wire::DaemonStatus> status(environment::Environments& environments, host::Host& host,
                                  const Facts& facts);
std::vector<wire::Check> doctor(host::Host& host, const Facts& facts);
/// `devenvd check`: what can be told without a daemon, as JSON for the CLI.
std::string check_machine(const Paths& paths);

}  // namespace photon::daemon
