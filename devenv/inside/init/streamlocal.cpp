#include "devenv/inside/init/streamlocal.hpp"

#include <fcntl.h>
#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace photon::inside {
namespace {

/// Another user's effective ids for a while; this process has one thread. Where ids are not mapped there is
/// one user, whom we are.
class Acting {
 public:
  explicit Acting(const User& user) : own_(user.uid == ::geteuid()) {
    if (own_) return;
    std::vector<gid_t> groups(user.groups.begin(), user.groups.end());
    groups_.resize(static_cast<std::size_t>(std::max(0, ::getgroups(0, nullptr))));
    groups_.resize(
        static_cast<std::size_t>(std::max(0, ::getgroups(static_cast<int>(groups_.size()), groups_.data()))));
    right_ = ::setgroups(groups.size(), groups.data()) == 0 && ::setegid(user.gid) == 0 &&
             ::seteuid(user.uid) == 0;
    error_ = errno;
  }
  ~Acting() {
    if (own_) return;
    // Going back cannot fail; if it did, PID 1 would go on with rights that are not its own.
    if (::seteuid(::getuid()) != 0 || ::setegid(::getgid()) != 0 ||
        ::setgroups(groups_.size(), groups_.data()) != 0)
      ::_exit(70);
  }
  Acting(const Acting&) = delete;
  Acting& operator=(const Acting&) = delete;
  [[nodiscard]] Result<void> check(const User& user) const {
    if (own_ || right_) return {};
    return fail_errno("act as " + user.name, error_, Kind::denied);
  }

 private:
  bool own_;
  bool right_ = false;
  int error_ = 0;
  std::vector<gid_t> groups_;
};

/// A path that a client names is absolute; relative ones would be below a folder that nobody chose.
Result<void> check_path(const std::string& path) {
  if (path.starts_with('/')) return {};
  return fail(Kind::usage, "inside.path", "the path of a socket must be absolute", "begin it with a slash");
}

bool is_socket(const std::string& path) {
  struct stat found{};
  return ::lstat(path.c_str(), &found) == 0 && S_ISSOCK(found.st_mode);
}

}  // namespace

Result<Listener> listen_as(const User& user, const std::string& path) {
  PHOTON_CHECK(check_path(path));
  Acting acting(user);
  PHOTON_CHECK(acting.check(user));
  if (struct stat found{}; ::lstat(path.c_str(), &found) == 0) {
    if (!S_ISSOCK(found.st_mode) || connect_unix(path, SOCK_STREAM))
      return fail(Kind::conflict, "inside.path", path + " is there already", "choose another path");
  }
  PHOTON_TRY(Fd socket, listen_unix(path, SOCK_STREAM, 0600));
  return Listener{std::move(socket), 0};
}

Result<Fd> connect_as(const User& user, const std::string& path) {
  PHOTON_CHECK(check_path(path));
  Acting acting(user);
  PHOTON_CHECK(acting.check(user));
  PHOTON_TRY(Fd socket, connect_unix(path, SOCK_STREAM | SOCK_NONBLOCK));
  ::fcntl(socket.get(), F_SETFL, ::fcntl(socket.get(), F_GETFL) & ~O_NONBLOCK);
  return socket;
}

Result<void> remove_as(const User& user, const std::string& path) {
  PHOTON_CHECK(check_path(path));
  Acting acting(user);
  PHOTON_CHECK(acting.check(user));
  if (is_socket(path) && ::unlink(path.c_str()) < 0) return fail_errno("remove " + path, errno);
  return {};
}

}  // namespace photon::inside
