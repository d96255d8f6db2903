#include "packages/forge/publish/lock.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <thread>

namespace photon::forge {

Result<Fd> lock_file(const std::string& file, const Work& work) {
  PHOTON_TRY(auto fd, open_fd(file, O_RDWR | O_CREAT | O_NOFOLLOW, 0600));
  bool told = false;
  while (::flock(fd.get(), LOCK_EX | LOCK_NB) < 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return fail_errno("lock " + file, errno);
    if (work.stopped()) return cancelled();
    if (!std::exchange(told, true))
      work.report({.step = "wait", .subject = file, .detail = "held by another forge"});
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  if (told) work.report({.step = "wait", .subject = file, .finished = true});
  return fd;
}

Result<void> remove_tree(const std::string& folder) {
  std::error_code error;
  std::filesystem::remove_all(folder, error);
  if (error) return fail_errno("remove " + folder, error.value());
  return {};
}

}  // namespace photon::forge
