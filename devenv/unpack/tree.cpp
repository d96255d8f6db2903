#include "devenv/unpack/tree.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "devenv/core/name.hpp"
#include "devenv/unpack/unpack.hpp"

namespace photon::unpack {
namespace {

constexpr int folder_flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

tl::unexpected<Error> cannot(std::string_view what, const std::string& path, int error) {
  if (error == ELOOP || error == ENOTDIR)
    return fail(Kind::corrupt, std::string(behind),
                fmt::format("{} is a link or a file where a folder is wanted", shown(path, 200)));
  return fail_errno(fmt::format("{} {}", what, shown(path, 200)), error);
}

}  // namespace

Result<Tree> Tree::open(const std::string& folder) {
  PHOTON_CHECK(make_directories(folder, 0755));
  Tree tree;
  PHOTON_TRY(tree.root_, open_fd(folder, folder_flags));
  return tree;
}

Result<std::pair<Fd, std::string>> Tree::parent(const std::string& path, bool make) const {
  PHOTON_TRY(Fd at, duplicate(root_.get()));
  std::size_t from = 0;
  for (auto slash = path.find('/'); slash != path.npos; slash = path.find('/', from)) {
    auto part = path.substr(from, slash - from);
    if (make && ::mkdirat(at.get(), part.c_str(), 0755) == 0)
      folders_.insert(path.substr(0, slash));
    else if (make && errno != EEXIST)
      return cannot("make the folder", path.substr(0, slash), errno);
    Fd next(::openat(at.get(), part.c_str(), folder_flags));
    if (!next) return cannot("open", path.substr(0, slash), errno);
    at = std::move(next);
    from = slash + 1;
  }
  return std::pair(std::move(at), path.substr(from));
}

Result<void> Tree::folder(const std::string& path) {
  PHOTON_TRY(auto place, parent(path + "/.", true));
  return {};
}

Result<Fd> Tree::file(const std::string& path, bool executable) {
  PHOTON_TRY(auto place, parent(path, true));
  const auto& [folder, name] = place;
  if (::unlinkat(folder.get(), name.c_str(), 0) < 0 && errno != ENOENT) return cannot("replace", path, errno);
  Fd file(::openat(folder.get(), name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) return cannot("write", path, errno);
  // Whatever our umask is: others run it, too.
  if (::fchmod(file.get(), executable ? 0755 : 0644) < 0) return cannot("write", path, errno);
  return file;
}

Result<void> Tree::link(const std::string& path, const std::string& target) {
  if (!stays_inside(path, target))
    return fail(
        Kind::corrupt, "archive.refused",
        fmt::format("the link {} leads out of its folder, to {}", shown(path, 200), shown(target, 200)));
  PHOTON_TRY(auto place, parent(path, true));
  const auto& [folder, name] = place;
  if (::unlinkat(folder.get(), name.c_str(), 0) < 0 && errno != ENOENT) return cannot("replace", path, errno);
  if (::symlinkat(target.c_str(), folder.get(), name.c_str()) < 0)
    return cannot("make the link", path, errno);
  return {};
}

Result<Fd> Tree::read(const std::string& path) const {
  PHOTON_TRY(auto place, parent(path, false));
  const auto& [folder, name] = place;
  Fd file(::openat(folder.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
  if (!file) return cannot("read", path, errno);
  struct stat found{};
  if (::fstat(file.get(), &found) < 0 || !S_ISREG(found.st_mode))
    return fail(Kind::corrupt, "archive.refused", fmt::format("{} is no file", shown(path, 200)));
  return file;
}

Result<void> Tree::copy(const std::string& from, const std::string& to) {
  PHOTON_TRY(Fd source, read(from));
  struct stat found{};
  if (::fstat(source.get(), &found) < 0) return fail_errno("read " + from, errno);
  PHOTON_TRY(Fd target, file(to, (found.st_mode & 0111) != 0));
  PHOTON_TRY(auto bytes, read_all(source.get(), static_cast<std::size_t>(found.st_size)));
  PHOTON_CHECK(write_all(target.get(), bytes));
  if (::fsync(target.get()) < 0) return fail_errno("keep " + to, errno);
  return {};
}

Result<void> Tree::sync() const {
  for (const auto& path : folders_) {
    PHOTON_TRY(auto place, parent(path + "/.", false));
    if (::fsync(place.first.get()) < 0) return fail_errno("keep " + path, errno);
  }
  if (::fsync(root_.get()) < 0) return fail_errno("keep a folder", errno);
  return {};
}

}  // namespace photon::unpack
