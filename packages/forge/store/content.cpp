#include "packages/forge/store/content.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "devenv/core/digest.hpp"
#include "devenv/core/fd.hpp"

namespace photon::forge {
namespace {

constexpr std::size_t block = 256 << 10;

/// Reads the file once: into the digest, and into `copy` where that is a descriptor.
Result<std::string> read_through(const std::string& path, int copy) {
  PHOTON_TRY(auto fd, open_fd(path, O_RDONLY | O_NOFOLLOW));
  Sha256 sum;
  std::string buffer(block, '\0');
  for (;;) {
    ssize_t got = ::read(fd.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno("read " + path, errno);
    if (got == 0) return sum.hex();
    std::string_view bytes(buffer.data(), static_cast<std::size_t>(got));
    sum.update(bytes);
    if (copy >= 0) PHOTON_CHECK(write_all(copy, bytes));
  }
}

}  // namespace

bool is_sha256(const std::string& text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

Result<std::string> sha256_file(const std::string& path) { return read_through(path, -1); }

Result<void> stage(const std::string& file, const std::string& staged, const std::string& sha256) {
  struct stat about{};
  if (::lstat(file.c_str(), &about) < 0) return fail_errno("find " + file, errno);
  if (!S_ISREG(about.st_mode))
    return fail(Kind::usage, "forge.file", fmt::format("{} is no regular file", file));
  // A link shares the bytes with whoever made the file: only one that is ours alone and of no further use to
  // others is taken so; a source that a user has elsewhere is copied.
  bool linked = about.st_nlink == 1 && about.st_uid == ::geteuid() && (about.st_mode & 0222) == 0 &&
                ::link(file.c_str(), staged.c_str()) == 0;
  std::string found;
  PHOTON_TRY(auto fd, open_fd(staged, linked ? O_RDONLY : O_WRONLY | O_CREAT | O_EXCL, 0444));
  PHOTON_TRY(found, read_through(file, linked ? -1 : fd.get()));
  if (found != sha256)
    return fail(Kind::corrupt, "forge.digest",
                fmt::format("{} has the digest {} where {} was expected", file, found, sha256));
  if (::fdatasync(fd.get()) < 0) return fail_errno("write " + staged, errno);
  return {};
}

Result<void> place(const std::string& staged, const std::string& path) {
  struct stat there{}, ours{};
  if (::lstat(staged.c_str(), &ours) < 0) return fail_errno("find " + staged, errno);
  if (::lstat(path.c_str(), &there) == 0 && S_ISREG(there.st_mode) && there.st_size == ours.st_size) {
    // It may be one that no build names and that `gc` finds old enough: it is young again.
    if (::utimensat(AT_FDCWD, path.c_str(), nullptr, 0) < 0) return fail_errno("store " + path, errno);
    return {};
  }
  if (::rename(staged.c_str(), path.c_str()) < 0) return fail_errno("store " + path, errno);
  return {};
}

}  // namespace photon::forge
