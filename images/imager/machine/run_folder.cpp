#include "images/imager/machine/run_folder.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>

namespace photon::images {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view begins = "photon-run-";

/// none: somebody is in it, or it is none of ours.
Fd alone_in(const std::string& path) {
  auto folder = open_fd(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  struct stat status{};
  if (!folder || ::fstat(folder->get(), &status) != 0 || status.st_uid != ::geteuid() ||
      ::flock(folder->get(), LOCK_EX | LOCK_NB) != 0)
    return {};
  return std::move(*folder);
}

void sweep() {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/tmp", error))
    if (entry.path().filename().string().starts_with(begins))
      if (auto alone = alone_in(entry.path())) fs::remove_all(entry.path(), error);
}

}  // namespace

Result<RunFolder> RunFolder::make() {
  sweep();
  while (true) {
    auto path = fmt::format("/tmp/{}XXXXXX", begins);
    if (!::mkdtemp(path.data())) return fail_errno("make a folder in /tmp", errno);
    auto used = alone_in(path);
    // Another one's sweep may have been between the two.
    if (used && ::access(path.c_str(), F_OK) == 0) return RunFolder(std::move(used), path);
  }
}

RunFolder::~RunFolder() {
  std::error_code error;
  if (!path_.empty()) fs::remove_all(path_, error);
}

}  // namespace photon::images
