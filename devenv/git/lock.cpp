#include "devenv/git/lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <thread>

namespace photon::git {

Result<std::optional<Lock>> Lock::try_take(const std::string& folder) {
  auto path = folder + ".lock";
  PHOTON_TRY(auto fd, open_fd(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0600));
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK || errno == EINTR) return std::nullopt;
    return fail_errno(fmt::format("lock {}", path), errno);
  }
  // Whoever had it before may have removed the file: then our lock is on nothing that others see.
  struct stat ours{}, theirs{};
  if (::fstat(fd.get(), &ours) != 0 || ::stat(path.c_str(), &theirs) != 0 || ours.st_ino != theirs.st_ino)
    return std::nullopt;
  return Lock(std::move(path), std::move(fd));
}

Result<Lock> Lock::take(const std::string& folder, const std::stop_token& stop) {
  while (true) {
    PHOTON_TRY(auto lock, try_take(folder));
    if (lock) return std::move(*lock);
    if (stop.stop_requested()) return cancelled();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

void Lock::remove() && {
  ::unlink(path_.c_str());
  fd_.reset();
}

}  // namespace photon::git
