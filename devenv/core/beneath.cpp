#include "devenv/core/beneath.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "devenv/core/name.hpp"

namespace photon {

Result<Fd> open_beneath(int folder, const std::string& path, int flags, std::string_view what, Links links) {
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | (links == Links::none ? RESOLVE_NO_SYMLINKS : 0);
  Fd fd(static_cast<int>(::syscall(SYS_openat2, folder, path.c_str(), &how, sizeof how)));
  if (fd) return fd;
  const int error = errno;
  if (error == EXDEV || error == ELOOP)
    return fail(Kind::usage, "path.outside", fmt::format("{} leads out of {}", shown(path, 200), what),
                fmt::format("a link there may only point to what lies in {}", what));
  return fail_errno("open " + shown(path, 200), error);
}

Result<std::optional<std::string>> read_beneath(const std::string& folder, const std::string& path,
                                                std::size_t limit, std::string_view what) {
  PHOTON_TRY(Fd top, open_fd(folder, O_RDONLY | O_DIRECTORY));
  auto file = open_beneath(top.get(), path, O_RDONLY | O_NONBLOCK, what);
  if (!file && file.error().kind == Kind::not_found) return std::optional<std::string>();
  if (!file) return tl::unexpected(std::move(file.error()));
  PHOTON_TRY(auto text, read_all(file->get(), limit));
  return std::optional(std::move(text));
}

Result<void> write_beneath(const std::string& folder_path, const std::string& path, std::string_view bytes,
                           std::string_view what) {
  PHOTON_TRY(Fd top, open_fd(folder_path, O_RDONLY | O_DIRECTORY));
  auto slash = path.rfind('/');
  auto folder_name = slash == path.npos ? std::string(".") : path.substr(0, slash);
  auto name = slash == path.npos ? path : path.substr(slash + 1);
  PHOTON_TRY(Fd folder, open_beneath(top.get(), folder_name, O_RDONLY | O_DIRECTORY, what));
  struct stat owner{};
  if (::fstat(folder.get(), &owner) < 0) return fail_errno("read " + folder_name, errno);
  auto made = fmt::format(".{}.{}", name, random_id());
  Fd file(::openat(folder.get(), made.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (!file) return fail_errno("write " + path, errno);
  auto written = write_all(file.get(), bytes);
  if (written && ::geteuid() == 0 && ::fchown(file.get(), owner.st_uid, owner.st_gid) < 0)
    written = fail_errno("give away " + path, errno);
  if (written && ::fsync(file.get()) < 0) written = fail_errno("keep " + path, errno);
  if (written && ::renameat(folder.get(), made.c_str(), folder.get(), name.c_str()) < 0)
    written = fail_errno("write " + path, errno);
  if (!written) ::unlinkat(folder.get(), made.c_str(), 0);
  return written;
}

}  // namespace photon
