// The holder's mount namespace: what lies under /run and /sys/fs/cgroup is ours there, the rest is the
// machine's.
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "devenv/engine/namespaces/parts.hpp"

namespace photon::namespaces {
namespace {

// Folders of the machine that programs of ours need: resolvers, the bus, journal, name service.
constexpr const char* kept_folders[] = {"/run/systemd/resolve",
                                        "/run/systemd/journal",
                                        "/run/NetworkManager",
                                        "/run/resolvconf",
                                        "/run/connman",
                                        "/run/dbus",
                                        "/run/nscd",
                                        "/run/udev"};

bool below_run(const std::string& path) { return path.starts_with("/run/") || path.starts_with("/var/run/"); }

struct Kept {
  std::string path;
  Fd fd;
};

std::vector<Kept> open_kept(const std::string& runtime, unsigned outer_uid) {
  std::vector<std::string> wanted(std::begin(kept_folders), std::end(kept_folders));
  wanted.push_back(fmt::format("/run/user/{}", outer_uid));
  if (const char* own = std::getenv("XDG_RUNTIME_DIR")) wanted.emplace_back(own);
  wanted.push_back(runtime);
  std::vector<Kept> kept;
  for (auto& path : wanted) {
    if (!below_run(path)) continue;
    // One below a folder that is kept comes with it.
    bool covered = std::any_of(kept.begin(), kept.end(), [&](const Kept& other) {
      return path == other.path || path.starts_with(other.path + "/");
    });
    if (covered) continue;
    Fd fd(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (fd) kept.push_back({std::move(path), std::move(fd)});
  }
  return kept;
}

Result<void> cover_run(const std::string& runtime, unsigned outer_uid) {
  auto kept = open_kept(runtime, outer_uid);
  if (::mount("tmpfs", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755") < 0)
    return fail_errno("mount a private /run", errno);
  for (const auto& [path, fd] : kept) {
    PHOTON_CHECK(make_directories(path, 0755));
    // Recursive: the kernel refuses to part a mount of another user namespace from what is mounted on it.
    std::string source = fmt::format("/proc/self/fd/{}", fd.get());
    if (::mount(source.c_str(), path.c_str(), nullptr, MS_BIND | MS_REC, nullptr) < 0)
      return fail_errno("keep " + path, errno);
  }
  for (const char* folder : {"/run/lock", "/run/containerd", "/run/user"})
    PHOTON_CHECK(make_directories(folder, 0755));
  return {};
}

// With a cgroup namespace of our own, a fresh cgroup2 shows what systemd delegated to us, and on a hybrid
// machine the empty v2 hierarchy: crun and runc both take it. Where even that is refused, what is there
// stays.
void cover_cgroups() {
  if (::access("/sys/fs/cgroup", F_OK) < 0) return;
  if (::mount("cgroup2", "/sys/fs/cgroup", "cgroup2", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) == 0) return;
  if (::access("/sys/fs/cgroup/unified", F_OK) == 0)
    ::mount("tmpfs", "/sys/fs/cgroup/unified", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=555");
}

}  // namespace

Result<void> prepare_mounts(const std::string& runtime, unsigned outer_uid) {
  // Nothing of ours goes out, what the machine mounts later comes in; and what the daemon mounts later is
  // seen by a containerd that had been started before: so a slave of the machine, shared among ourselves.
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr) < 0)
    return fail_errno("part our mounts from the machine's", errno);
  PHOTON_CHECK(cover_run(runtime, outer_uid));
  cover_cgroups();
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_SHARED, nullptr) < 0)
    return fail_errno("share our mounts with containerd", errno);
  return {};
}

}  // namespace photon::namespaces
