#include "images/firstboot/tree.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>

namespace photon::first_boot {
namespace {

std::string above(const std::string& path) {
  auto slash = path.rfind('/');
  return slash == std::string::npos ? std::string(".") : path.substr(0, slash);
}

std::string last(const std::string& path) { return path.substr(path.rfind('/') + 1); }

}  // namespace

Result<std::string> clean_path(std::string_view path) {
  std::string out;
  for (std::size_t at = 0; at < path.size();) {
    auto end = std::min(path.find('/', at), path.size());
    auto part = path.substr(at, end - at);
    at = end + 1;
    if (part.empty() || part == ".") continue;
    if (part == ".." || part.find('\0') != part.npos || part.size() > 255)
      return fail(Kind::usage, "first-boot.path",
                  "a path must not have \"..\", a NUL or a name over 255 bytes");
    if (!out.empty()) out += '/';
    out += part;
  }
  if (out.empty() || out.size() > 4000) return fail(Kind::usage, "first-boot.path", "the path names no file");
  return out;
}

Result<Tree> Tree::open(const std::string& root) {
  Tree tree;
  PHOTON_TRY(tree.root_, open_fd(root, O_RDONLY | O_DIRECTORY));
  struct stat here{};
  struct stat top{};
  // In a chroot "/" is another one, and the kernel's host name is not its: only what systemd has started sets
  // it.
  tree.runs_ = std::getenv("INVOCATION_ID") != nullptr && ::fstat(tree.root_.get(), &here) == 0 &&
               ::stat("/", &top) == 0 && here.st_dev == top.st_dev && here.st_ino == top.st_ino;
  tree.owners_ = ::geteuid() == 0;
  return tree;
}

Result<Fd> Tree::open_at(const std::string& path, std::uint64_t flags, Links links) const {
  open_how how{};
  how.flags = flags | O_CLOEXEC;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | (links == Links::none ? RESOLVE_NO_SYMLINKS : 0);
  int fd = static_cast<int>(::syscall(SYS_openat2, root_.get(), path.c_str(), &how, sizeof how));
  if (fd < 0) return fail_errno("open /" + path, errno);
  return Fd(fd);
}

Result<Fd> Tree::folder_of(const std::string& path, Links links) const {
  return open_at(above(path), O_RDONLY | O_DIRECTORY, links);
}

Result<void> Tree::own(int fd, const std::string& path, const Attributes& attributes) const {
  // The owner first: a change of owner takes set-uid bits away.
  if (owners_ && ::fchown(fd, attributes.uid, attributes.gid) < 0)
    return fail_errno("give away /" + path, errno);
  if (::fchmod(fd, attributes.mode & 07777) < 0) return fail_errno("set the mode of /" + path, errno);
  return {};
}

Result<std::optional<std::string>> Tree::read(const std::string& path, std::size_t limit, Links links) const {
  PHOTON_TRY(auto clean, clean_path(path));
  auto fd = open_at(clean, O_RDONLY | O_NONBLOCK | O_NOCTTY, links);
  if (!fd && fd.error().kind == Kind::not_found) return std::nullopt;
  if (!fd) return tl::unexpected(fd.error());
  struct stat info{};
  if (::fstat(fd->get(), &info) < 0) return fail_errno("look at /" + clean, errno);
  if (!S_ISREG(info.st_mode))
    return fail(Kind::conflict, "first-boot.file", fmt::format("/{} is no ordinary file", clean));
  PHOTON_TRY(auto bytes, read_all(fd->get(), limit));
  return std::optional<std::string>(std::move(bytes));
}

Result<void> Tree::write(const std::string& path, std::string_view bytes, const Attributes& attributes,
                         Links links) const {
  PHOTON_TRY(auto clean, clean_path(path));
  PHOTON_TRY(auto folder, folder_of(clean, links));
  auto name = last(clean);
  // One name for all attempts: what an interrupted one left is overwritten by the next. sudo and others that
  // read whole folders leave out names with a dot in front.
  auto next = fmt::format(".photon-{:.200}", name);
  if (::unlinkat(folder.get(), next.c_str(), 0) < 0 && errno != ENOENT)
    return fail_errno("remove /" + above(clean) + "/" + next, errno);
  Fd file(::openat(folder.get(), next.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) return fail_errno("write /" + clean, errno);
  auto written = [&]() -> Result<void> {
    PHOTON_CHECK(write_all(file.get(), bytes));
    PHOTON_CHECK(own(file.get(), clean, attributes));
    if (::fsync(file.get()) < 0) return fail_errno("write /" + clean, errno);
    if (::renameat(folder.get(), next.c_str(), folder.get(), name.c_str()) < 0)
      return fail_errno("write /" + clean, errno);
    if (::fsync(folder.get()) < 0) return fail_errno("write /" + clean, errno);
    return {};
  }();
  if (!written) (void)::unlinkat(folder.get(), next.c_str(), 0);
  return written;
}

Result<void> Tree::make_folder(const std::string& path, const Attributes& attributes, Links links) const {
  PHOTON_TRY(auto clean, clean_path(path));
  if (auto there = open_at(clean, O_PATH | O_DIRECTORY, links)) return {};
  if (above(clean) != ".") PHOTON_CHECK(make_folder(above(clean), attributes, links));
  PHOTON_TRY(auto folder, folder_of(clean, links));
  // Under another name until it has its owner: a folder that is there counts as done.
  auto next = fmt::format(".photon-{:.200}", last(clean));
  (void)::unlinkat(folder.get(), next.c_str(), AT_REMOVEDIR);
  if (::mkdirat(folder.get(), next.c_str(), 0700) < 0) return fail_errno("make the folder /" + clean, errno);
  Fd made(::openat(folder.get(), next.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!made) return fail_errno("make the folder /" + clean, errno);
  PHOTON_CHECK(own(made.get(), clean, attributes));
  if (::renameat(folder.get(), next.c_str(), folder.get(), last(clean).c_str()) < 0 ||
      ::fsync(folder.get()) < 0)
    return fail_errno("make the folder /" + clean, errno);
  return {};
}

bool Tree::exists(const std::string& path) const {
  auto clean = clean_path(path);
  return clean && open_at(*clean, O_PATH, Links::inside_root).has_value();
}

std::vector<std::string> Tree::list(const std::string& path) const {
  std::vector<std::string> names;
  auto clean = clean_path(path);
  if (!clean) return names;
  auto fd = open_at(*clean, O_RDONLY | O_DIRECTORY, Links::inside_root);
  if (!fd) return names;
  std::unique_ptr<DIR, int (*)(DIR*)> folder(::fdopendir(fd->get()), ::closedir);
  if (!folder) return names;
  (void)fd->release();
  while (auto* entry = ::readdir(folder.get()))
    if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  std::sort(names.begin(), names.end());
  return names;
}

Result<void> Tree::link(const std::string& target, const std::string& path) const {
  PHOTON_TRY(auto clean, clean_path(path));
  PHOTON_TRY(auto folder, folder_of(clean, Links::inside_root));
  auto next = fmt::format(".photon-{:.200}", last(clean));
  (void)::unlinkat(folder.get(), next.c_str(), 0);
  if (::symlinkat(target.c_str(), folder.get(), next.c_str()) < 0 ||
      ::renameat(folder.get(), next.c_str(), folder.get(), last(clean).c_str()) < 0)
    return fail_errno("link /" + clean, errno);
  return {};
}

Result<void> Tree::remove(const std::string& path) const {
  PHOTON_TRY(auto clean, clean_path(path));
  auto folder = folder_of(clean, Links::inside_root);
  if (!folder && folder.error().kind == Kind::not_found) return {};
  if (!folder) return tl::unexpected(folder.error());
  if (::unlinkat(folder->get(), last(clean).c_str(), 0) < 0 && errno != ENOENT)
    return fail_errno("remove /" + clean, errno);
  (void)::fsync(folder->get());
  return {};
}

Result<Fd> Tree::lock_accounts() const {
  PHOTON_TRY(auto folder, open_at("etc", O_RDONLY | O_DIRECTORY, Links::inside_root));
  Fd lock(::openat(folder.get(), ".pwd.lock", O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!lock) return fail_errno("lock /etc/.pwd.lock", errno);
  struct flock whole{};
  whole.l_type = F_WRLCK;
  if (::fcntl(lock.get(), F_SETLKW, &whole) < 0) return fail_errno("lock /etc/.pwd.lock", errno);
  return lock;
}

}  // namespace photon::first_boot
