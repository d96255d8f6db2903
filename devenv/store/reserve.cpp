#include "devenv/store/reserve.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "devenv/core/fd.hpp"

namespace photon::store {
namespace {
constexpr off_t size = 1 << 20;
constexpr std::uint64_t plenty = 16 << 20;
}  // namespace

void Reserve::keep() {
  if (held_) return;
  struct stat info{};
  held_ = ::stat(file_.c_str(), &info) == 0 && info.st_size == size;
  if (held_ || free_space(file_.substr(0, file_.rfind('/') + 1)) < plenty) return;
  Fd file(::open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  held_ = file && ::posix_fallocate(file.get(), 0, size) == 0;
  if (!held_) ::unlink(file_.c_str());
}

bool Reserve::release() {
  if (!std::exchange(held_, false)) return false;
  return ::unlink(file_.c_str()) == 0;
}

}  // namespace photon::store
