#include "tests/integration/daemon/running_daemon.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <cstdlib>
#include <thread>

namespace photon::daemon {
namespace {
const std::string program = PHOTON_BUILD_DIR "/bin/devenvd";
}

RunningDaemon::RunningDaemon() {
  paths = {folder_.path + "/data", folder_.path + "/cache", folder_.path + "/config", folder_.path + "/run"};
  if (auto started = start_devenvd(); !started) {
    std::fputs((started.error().message + "\n" + log()).c_str(), stderr);
    std::abort();
  }
}

RunningDaemon::~RunningDaemon() {
  if (child_.pid() <= 0 && !start_devenvd()) return;
  static_cast<void>(client().shut_down(true));
  if (auto ended = child_.wait_for(std::chrono::seconds(30)); !ended || !*ended)
    static_cast<void>(child_.stop(std::chrono::seconds(1)));
}

std::map<std::string, std::string> RunningDaemon::environment() const {
  const char* path = std::getenv("PATH");
  return {{"DEVENV_HOME", folder_.path}, {"PATH", path ? path : "/usr/bin:/bin"}, {"HOME", folder_.path}};
}

Result<void> RunningDaemon::start_devenvd() {
  PHOTON_TRY(auto file, open_fd(folder_.path + "/log", O_WRONLY | O_CREAT | O_APPEND));
  PHOTON_TRY(child_, photon::start({.argv = {program, "--foreground"},
                                    .environment = environment(),
                                    .output = file.get(),
                                    .error = file.get()}));
  for (int i = 0; i < 2000; ++i) {
    if (connect_unix(paths.api_socket(), SOCK_STREAM)) return {};
    PHOTON_TRY(auto ended, child_.wait_for(std::chrono::milliseconds(10)));
    if (ended) return fail(Kind::failed, "test.daemon", "devenvd ended");
  }
  return fail(Kind::failed, "test.daemon", "devenvd does not answer");
}

Result<Output> RunningDaemon::start_again() const {
  return run({.argv = {program}, .environment = environment()});
}

Result<int> RunningDaemon::stop() {
  auto status = child_.stop(std::chrono::seconds(20));
  child_ = Child();
  return status;
}

std::string RunningDaemon::log() const { return read_file(folder_.path + "/log").value_or(""); }

}  // namespace photon::daemon
