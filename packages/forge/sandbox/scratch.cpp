#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <filesystem>
#include <string>

#include "packages/forge/sandbox/sandbox.hpp"

namespace photon::forge {

Result<void> remove_scratch(const std::string& path) {
  std::error_code error;
  std::filesystem::remove_all(path, error);
  if (!error) return {};
  // An ordinary user first needs rights on folders that overlayfs or the build has left without.
  std::error_code ignored;
  auto open_up = [](const std::string& folder) { ::chmod(folder.c_str(), 0700); };
  open_up(path);
  using Walk = std::filesystem::recursive_directory_iterator;
  for (Walk it(path, std::filesystem::directory_options::skip_permission_denied, ignored), end; it != end;) {
    std::error_code kind;
    if (std::filesystem::is_directory(it->symlink_status(kind))) open_up(it->path());
    it.increment(ignored);
    if (ignored) break;
  }
  std::filesystem::remove_all(path, error);
  if (error) return fail_errno("remove " + path, error.value());
  return {};
}

void sweep_scratch(const std::string& folder) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    std::string name = entry.path().filename();
    pid_t pid = 0;
    std::from_chars(name.data(), name.data() + name.size(), pid);
    if (pid > 0 && ::kill(pid, 0) < 0 && errno == ESRCH) (void)remove_scratch(entry.path());
  }
}

}  // namespace photon::forge
