#include "devenv/engine/containerd/overlay.hpp"

#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "devenv/core/fd.hpp"
#include "devenv/core/mounts.hpp"
#include "devenv/core/undo.hpp"

namespace photon::engine {

bool takes_overlays(const std::string& folder, bool in_user_namespace) {
  const std::string probe = folder + "/overlay-probe";
  Finally clean([&] {
    std::error_code ignored;
    std::filesystem::remove_all(probe, ignored);
  });
  for (const char* name : {"/lower", "/upper", "/work", "/merged"})
    if (!make_directories(probe + name)) return false;
  const std::string merged = probe + "/merged";
  const std::string data = fmt::format("lowerdir={0}/lower,upperdir={0}/upper,workdir={0}/work{1}", probe,
                                       in_user_namespace ? ",userxattr" : "");
  const pid_t child = ::fork();
  if (child < 0) return false;
  if (child == 0) {  // system calls alone: other threads of ours may hold any lock
    if (::unshare(CLONE_NEWNS) != 0) ::_exit(1);
    const bool parted = part_mounts(MS_PRIVATE) == 0;
    const bool good = parted && ::mount("overlay", merged.c_str(), "overlay", 0, data.c_str()) == 0;
    ::_exit(good ? 0 : 1);
  }
  int status = 1;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status == 0;
}

}  // namespace photon::engine
