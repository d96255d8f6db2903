#include "packages/forge/sandbox/beneath.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace photon::forge {
namespace {

constexpr std::size_t most_open = 128;

int open_inside(int root, const std::string& path) {
  open_how how{};
  how.flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  return static_cast<int>(::syscall(SYS_openat2, root, path.c_str(), &how, sizeof how));
}

}  // namespace

Result<std::string> inside_path(const std::string& path) {
  std::string clean;
  for (std::size_t at = 0; at < path.size();) {
    auto end = std::min(path.find('/', at), path.size());
    std::string part = path.substr(at, end - at);
    at = end + 1;
    if (part.empty() || part == ".") continue;
    if (part == ".." || part.find('\0') != std::string::npos)
      return fail(Kind::corrupt, "rpm.path", fmt::format("the path \"{}\" leaves its package", path));
    if (!clean.empty()) clean += '/';
    clean += part;
  }
  for (const char* merged : {"bin", "sbin", "lib", "lib64"})
    if (clean == merged || clean.starts_with(std::string(merged) + "/")) return "usr/" + clean;
  return clean;
}

Result<Beneath> Beneath::open(const std::string& folder) {
  Beneath beneath;
  PHOTON_TRY(beneath.root_, open_fd(folder, O_RDONLY | O_DIRECTORY));
  return beneath;
}

Result<int> Beneath::folder(const std::string& path) {
  if (path.empty()) return root_.get();
  if (auto known = known_.find(path); known != known_.end()) return known->second.get();
  int fd = open_inside(root_.get(), path);
  if (fd < 0 && errno == ENOENT) {
    PHOTON_TRY(int above, parent_of(path));
    std::string name = path.substr(path.rfind('/') + 1);
    if (::mkdirat(above, name.c_str(), 0755) < 0 && errno != EEXIST) return fail_errno("make " + path, errno);
    fd = open_inside(root_.get(), path);
  }
  if (fd < 0) return fail_errno("enter the folder " + path, errno);
  if (known_.size() >= most_open) known_.clear();
  return known_.emplace(path, Fd(fd)).first->second.get();
}

Result<int> Beneath::parent_of(const std::string& path) {
  auto slash = path.rfind('/');
  return folder(slash == std::string::npos ? std::string() : path.substr(0, slash));
}

}  // namespace photon::forge
