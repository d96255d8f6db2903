#include "packages/forge/build/key_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <chrono>
#include <thread>

namespace photon::forge {

Result<Fd> lock_key(const std::string& folder, const std::string& key, const Work& work) {
  PHOTON_CHECK(make_directories(folder, 0755));
  PHOTON_TRY(auto lock, open_fd(folder + "/" + key, O_RDWR | O_CREAT, 0644));
  while (::flock(lock.get(), LOCK_EX | LOCK_NB) < 0) {
    if (work.stopped()) return cancelled();
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return lock;
}

}  // namespace photon::forge
