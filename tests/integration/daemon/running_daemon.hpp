// The real devenvd with its own containerd, everything below one temporary folder; gone at the end.
#pragma once
#include "devenv/client/client.hpp"
#include "devenv/core/process.hpp"
#include "tests/fixtures/temp_folder.hpp"

namespace photon::daemon {

class RunningDaemon {
 public:
  RunningDaemon();
  ~RunningDaemon();
  client::Client client() const { return client::Client(paths); }
  /// Another start on the same folders.
  Result<Output> start_again() const;
  Result<void> start_devenvd();
  /// SIGTERM; the exit status.
  Result<int> stop();
  [[nodiscard]] std::string log() const;
  [[nodiscard]] pid_t pid() const { return child_.pid(); }

  Paths paths;

 private:
  [[nodiscard]] std::map<std::string, std::string> environment() const;
  fixtures::TempFolder folder_;
  Child child_;
};

}  // namespace photon::daemon
