#include "devenv/core/copy_tree.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <map>

#include "devenv/core/fd.hpp"
#include "devenv/core/handle.hpp"

namespace photon {
namespace {

constexpr std::size_t piece = 16 << 20;  ///< after which a stop is looked for

using Folder = Handle<DIR, closedir>;

class Copy {
 public:
  explicit Copy(const Work& work) : work_(work) {}

  Result<void> root(const std::string& from, const std::string& to) {
    PHOTON_TRY(Fd source, open_fd(from, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
    if (::mkdir(to.c_str(), 0700) < 0) return fail_errno("make " + to, errno);
    PHOTON_TRY(top_, open_fd(to, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
    PHOTON_TRY(Fd target, duplicate(top_.get()));
    return folder(std::move(source), std::move(target), "");
  }

  Copied copied;

 private:
  /// What is in it, then the folder's own owner, mode and time. `path` is of `top_` on, with a slash at its
  /// end.
  Result<void> folder(Fd from, Fd to, const std::string& path) {
    struct stat own{};
    if (::fstat(from.get(), &own) < 0) return fail_errno("read " + shown_path(path), errno);
    Folder open(::fdopendir(from.get()));
    if (!open) return fail_errno("read " + shown_path(path), errno);
    const int source = from.release();
    errno = 0;
    while (const dirent* entry = ::readdir(open.get())) {
      const std::string name = entry->d_name;
      if (name != "." && name != "..") PHOTON_CHECK(one(source, to.get(), name, path + name));
      errno = 0;
    }
    if (errno != 0) return fail_errno("read " + shown_path(path), errno);
    if (::fchown(to.get(), own.st_uid, own.st_gid) < 0 || ::fchmod(to.get(), own.st_mode & 07777) < 0)
      return fail_errno("give away " + shown_path(path), errno);
    return times(to.get(), own, path);
  }

  Result<void> one(int from, int to, const std::string& name, const std::string& path) {
    if (work_.stopped()) return cancelled();
    struct stat info{};
    if (::fstatat(from, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) < 0)
      return fail_errno("read " + shown_path(path), errno);
    if (S_ISDIR(info.st_mode)) return subfolder(from, to, name, path);
    if (!S_ISREG(info.st_mode) && !S_ISLNK(info.st_mode) && !S_ISFIFO(info.st_mode)) return {};
    ++copied.files;
    if (info.st_nlink > 1 && linked(info, to, name, path)) return {};
    if (S_ISREG(info.st_mode)) return file(from, to, name, path, info);
    return S_ISLNK(info.st_mode) ? link(from, to, name, path, info) : fifo(to, name, path, info);
  }

  Result<void> subfolder(int from, int to, const std::string& name, const std::string& path) {
    Fd source(::openat(from, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!source) return fail_errno("open " + shown_path(path), errno);
    if (::mkdirat(to, name.c_str(), 0700) < 0) return fail_errno("make " + shown_path(path), errno);
    Fd target(::openat(to, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!target) return fail_errno("open " + shown_path(path), errno);
    return folder(std::move(source), std::move(target), path + "/");
  }

  /// Another name of a file that was copied before.
  bool linked(const struct stat& info, int to, const std::string& name, const std::string& path) {
    auto [first, is_new] = names_.try_emplace({info.st_dev, info.st_ino}, path);
    return !is_new && ::linkat(top_.get(), first->second.c_str(), to, name.c_str(), 0) == 0;
  }

  Result<void> file(int from, int to, const std::string& name, const std::string& path,
                    const struct stat& info) {
    Fd source(::openat(from, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!source) return fail_errno("open " + shown_path(path), errno);
    Fd target(::openat(to, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!target) return fail_errno("make " + shown_path(path), errno);
    PHOTON_CHECK(content(source.get(), target.get(), path));
    copied.bytes += static_cast<std::uint64_t>(info.st_size);
    if (::fchown(target.get(), info.st_uid, info.st_gid) < 0 ||
        ::fchmod(target.get(), info.st_mode & 07777) < 0)
      return fail_errno("give away " + shown_path(path), errno);
    return times(target.get(), info, path);
  }

  Result<void> content(int from, int to, const std::string& path) {
    if (shares_ && ::ioctl(to, FICLONE, from) == 0) return {};
    shares_ = false;  // one file system for all of them
    for (;;) {
      if (work_.stopped()) return cancelled();
      const ssize_t moved = ::copy_file_range(from, nullptr, to, nullptr, piece, 0);
      if (moved == 0) return {};
      if (moved < 0 && (errno == EXDEV || errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP)) break;
      if (moved < 0 && errno != EINTR) return fail_errno("copy " + shown_path(path), errno);
    }
    return by_hand(from, to, path);
  }

  /// From where the descriptors stand.
  Result<void> by_hand(int from, int to, const std::string& path) {
    std::string bytes(256 << 10, '\0');
    for (;;) {
      if (work_.stopped()) return cancelled();
      const ssize_t got = ::read(from, bytes.data(), bytes.size());
      if (got == 0) return {};
      if (got < 0 && errno != EINTR) return fail_errno("read " + shown_path(path), errno);
      if (got > 0) PHOTON_CHECK(write_all(to, {bytes.data(), static_cast<std::size_t>(got)}));
    }
  }

  Result<void> link(int from, int to, const std::string& name, const std::string& path,
                    const struct stat& info) {
    std::string where(static_cast<std::size_t>(info.st_size) + 1, '\0');
    const ssize_t length = ::readlinkat(from, name.c_str(), where.data(), where.size());
    if (length < 0) return fail_errno("read " + shown_path(path), errno);
    where.resize(static_cast<std::size_t>(length));
    if (::symlinkat(where.c_str(), to, name.c_str()) < 0)
      return fail_errno("make " + shown_path(path), errno);
    return give(to, name, path, info);
  }

  Result<void> fifo(int to, const std::string& name, const std::string& path, const struct stat& info) {
    if (::mkfifoat(to, name.c_str(), info.st_mode & 0777) < 0)
      return fail_errno("make " + shown_path(path), errno);
    return give(to, name, path, info);
  }

  static Result<void> give(int to, const std::string& name, const std::string& path,
                           const struct stat& info) {
    const timespec when[2] = {info.st_atim, info.st_mtim};
    if (::fchownat(to, name.c_str(), info.st_uid, info.st_gid, AT_SYMLINK_NOFOLLOW) < 0 ||
        ::utimensat(to, name.c_str(), when, AT_SYMLINK_NOFOLLOW) < 0)
      return fail_errno("give away " + shown_path(path), errno);
    return {};
  }

  static Result<void> times(int to, const struct stat& info, const std::string& path) {
    const timespec when[2] = {info.st_atim, info.st_mtim};
    if (::futimens(to, when) < 0) return fail_errno("set the time of " + shown_path(path), errno);
    return {};
  }

  static std::string shown_path(const std::string& path) { return path.empty() ? "the folder" : path; }

  const Work& work_;
  Fd top_;
  bool shares_ = true;
  std::map<std::pair<dev_t, ino_t>, std::string> names_;  ///< of files that have several
};

}  // namespace

Result<Copied> copy_tree(const std::string& from, const std::string& to, const Work& work) {
  Copy copy(work);
  if (auto done = copy.root(from, to); !done) return within(std::move(done.error()), "while copying " + from);
  return copy.copied;
}

std::uint64_t tree_bytes(const std::string& folder) {
  namespace fs = std::filesystem;
  std::uint64_t bytes = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    std::error_code gone;
    if (at->is_regular_file(gone) && !at->is_symlink(gone)) bytes += at->file_size(gone);
  }
  return bytes;
}

}  // namespace photon
