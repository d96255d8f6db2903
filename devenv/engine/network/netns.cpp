#include "devenv/engine/network/netns.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <thread>

namespace photon::network {
namespace {

struct MountPoint {
  std::string path;
  bool shared = false;
};

// /proc/self/mountinfo: id, parent, device, root, mount point, options, [optional fields] - …
MountPoint containing_mount(const std::string& folder) {
  MountPoint best;
  auto text = read_file("/proc/self/mountinfo");
  std::string_view rest = text ? std::string_view(*text) : std::string_view();
  while (!rest.empty()) {
    auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    std::size_t at = 0;
    for (int field = 0; field < 4 && at != line.npos; ++field) at = line.find(' ', at + 1);
    if (at == line.npos) continue;
    auto path = line.substr(at + 1, line.find(' ', at + 1) - at - 1);
    bool inside = path == "/" || folder == path || (folder.starts_with(path) && folder[path.size()] == '/');
    // A later line of the same length was mounted over the earlier one.
    if (!inside || path.size() < best.path.size()) continue;
    auto options = line.substr(0, line.find(" - "));
    best = {std::string(path), options.find(" shared:") != options.npos};
  }
  return best;
}

Result<void> mount_new(const std::string& path, const std::function<Result<void>()>& inside) {
  if (::unshare(CLONE_NEWNET) < 0) return fail_errno("make a network namespace", errno);
  PHOTON_CHECK(inside());
  if (::mount("/proc/thread-self/ns/net", path.c_str(), nullptr, MS_BIND, nullptr) < 0)
    return fail_errno("keep a network namespace at " + path, errno);
  return {};
}

}  // namespace

Result<void> in_netns(int netns, const std::function<Result<void>()>& work) {
  Result<void> result;
  try {
    std::thread([&] {
      if (netns >= 0 && ::setns(netns, CLONE_NEWNET) < 0)
        result = fail_errno("join a network namespace", errno);
      else
        result = work();
    }).join();
  } catch (const std::system_error& error) {
    return fail_errno("start a thread", error.code().value());
  }
  return result;
}

Result<Fd> open_netns(const std::string& path) {
  return open_fd(path.empty() ? "/proc/thread-self/ns/net" : path, O_RDONLY);
}

bool is_netns(const std::string& path) {
  struct statfs status{};
  return ::statfs(path.c_str(), &status) == 0 && status.f_type == NSFS_MAGIC;
}

Result<void> make_netns(const std::string& path, const std::function<Result<void>()>& inside) {
  {
    PHOTON_TRY(Fd file, open_fd(path, O_RDONLY | O_CREAT, 0600));
  }
  auto made = in_netns(-1, [&] { return mount_new(path, inside); });
  if (!made) ::unlink(path.c_str());
  return made;
}

Result<void> keep_netns(const std::string& source, const std::string& path) {
  struct stat wanted{};
  struct stat present{};
  if (::stat(source.c_str(), &wanted) < 0) return fail_errno("find the network namespace " + source, errno);
  if (is_netns(path)) {
    if (::stat(path.c_str(), &present) == 0 && present.st_ino == wanted.st_ino) return {};
    PHOTON_CHECK(remove_netns(path));
  }
  PHOTON_CHECK(make_directories(path.substr(0, path.rfind('/')), 0755));
  PHOTON_TRY(Fd file, open_fd(path, O_RDONLY | O_CREAT, 0600));
  if (::mount(source.c_str(), path.c_str(), nullptr, MS_BIND, nullptr) < 0)
    return fail_errno("keep a network namespace at " + path, errno);
  return {};
}

Result<void> remove_netns(const std::string& path) {
  if (::umount2(path.c_str(), MNT_DETACH) < 0 && errno != ENOENT && errno != EINVAL)
    return fail_errno("unmount " + path, errno);
  if (::unlink(path.c_str()) < 0 && errno != ENOENT) return fail_errno("remove " + path, errno);
  return {};
}

Result<void> share_folder(const std::string& folder) {
  PHOTON_CHECK(make_directories(folder, 0755));
  std::error_code error;
  auto path = std::filesystem::canonical(folder, error).string();
  if (error) return fail_errno("find " + folder, error.value());
  auto mount = containing_mount(path);
  if (mount.shared) return {};
  if (mount.path != path && ::mount(path.c_str(), path.c_str(), nullptr, MS_BIND, nullptr) < 0)
    return fail_errno("mount " + path, errno);
  if (::mount(nullptr, path.c_str(), nullptr, MS_SHARED, nullptr) < 0)
    return fail_errno("share " + path, errno);
  return {};
}

Result<void> unshare_folder(const std::string& folder) {
  std::error_code error;
  auto path = std::filesystem::canonical(folder, error).string();
  if (error || containing_mount(path).path != path) return {};
  if (::umount2(path.c_str(), MNT_DETACH) < 0) return fail_errno("unmount " + path, errno);
  return {};
}

}  // namespace photon::network
