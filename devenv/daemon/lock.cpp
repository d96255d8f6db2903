#include "devenv/daemon/lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

namespace photon::daemon {

Result<std::optional<Fd>> lock_data(const Paths& paths) {
  PHOTON_TRY(Fd file, open_fd(paths.data + "/devenvd.lock", O_RDWR | O_CREAT, 0600));
  // Another one may just be starting, or just be stopping.
  auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (::flock(file.get(), LOCK_EX | LOCK_NB) < 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return fail_errno("lock " + paths.data, errno);
    if (connect_unix(paths.api_socket(), SOCK_STREAM)) return std::optional<Fd>();
    if (std::chrono::steady_clock::now() > deadline)
      return fail(Kind::conflict, "daemon.locked",
                  "another devenvd uses " + paths.data + " and does not answer",
                  "end it, or set DEVENV_HOME to another folder");
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  std::string pid = fmt::format("{}\n", ::getpid());
  if (::ftruncate(file.get(), 0) < 0 || ::pwrite(file.get(), pid.data(), pid.size(), 0) < 0)
    return fail_errno("write " + paths.data + "/devenvd.lock", errno);
  return std::optional<Fd>(std::move(file));
}

}  // namespace photon::daemon
