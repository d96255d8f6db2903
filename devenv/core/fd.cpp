#include "devenv/core/fd.hpp"
#include "devenv/core/derived.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <limits>

namespace photon {

void Fd::reset(int fd) {
  if (fd_ >= 0) ::close(fd_);
  fd_ = fd;
}

Result<Fd> open_fd(const std::string& path, int flags, mode_t mode) {
  int fd = ::open(path.c_str(), flags | O_CLOEXEC, mode);
  if (fd < 0) return fail_errno("open " + path, errno);
  return Fd(fd);
}

Result<FdPair> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) < 0) return fail_errno("make a pipe", errno);
  return FdPair{Fd(ends[0]), Fd(ends[1])};
}

Result<FdPair> make_socketpair(int type) {
  int ends[2];
  if (::socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends) < 0) return fail_errno("make a socket pair", errno);
  return FdPair{Fd(ends[0]), Fd(ends[1])};
}

namespace {

// sun_path holds 107 bytes; a longer path is named through a descriptor of its folder.
struct Address {
  sockaddr_un name{};
  Fd folder;
};

Result<Address> address_of(const std::string& path) {
  Address address;
  address.name.sun_family = AF_UNIX;
  std::string shown = path;
  if (path.size() >= sizeof address.name.sun_path) {
    auto slash = path.rfind('/');
    PHOTON_TRY(address.folder, open_fd(path.substr(0, slash), O_PATH | O_DIRECTORY));
    shown = fmt::format("/proc/self/fd/{}/{}", address.folder.get(), path.substr(slash + 1));
    if (shown.size() >= sizeof address.name.sun_path)
      return fail(Kind::usage, "system.path", "the name of the socket is too long: " + path);
  }
  std::memcpy(address.name.sun_path, shown.c_str(), shown.size() + 1);
  return address;
}

Result<Fd> new_socket(int type) {
  Fd fd(::socket(AF_UNIX, type | SOCK_CLOEXEC, 0));
  if (!fd) return fail_errno("make a socket", errno);
  return fd;
}

}  // namespace

Result<Fd> listen_unix(const std::string& path, int type, mode_t mode) {
  PHOTON_TRY(auto address, address_of(path));
  PHOTON_TRY(Fd fd, new_socket(type));
  ::unlink(path.c_str());
  // fchmod before bind sets the mode the file is born with, so there is no moment of a laxer one.
  ::fchmod(fd.get(), mode);
  if (::bind(fd.get(), reinterpret_cast<sockaddr*>(&address.name), sizeof address.name) < 0)
    return fail_errno("listen on " + path, errno);
  if (::chmod(path.c_str(), mode) < 0 || ::listen(fd.get(), 128) < 0)
    return fail_errno("listen on " + path, errno);
  return fd;
}

Result<Fd> connect_unix(const std::string& path, int type) {
  PHOTON_TRY(auto address, address_of(path));
  PHOTON_TRY(Fd fd, new_socket(type));
  while (::connect(fd.get(), reinterpret_cast<sockaddr*>(&address.name), sizeof address.name) < 0)
    if (errno != EINTR) return fail_errno("connect to " + path, errno, Kind::unavailable);
  return fd;
}

Result<Fd> duplicate(int fd) {
  int copy = ::fcntl(fd, F_DUPFD_CLOEXEC, 3);
  if (copy < 0) return fail_errno("duplicate a descriptor", errno);
  return Fd(copy);
}

Result<Peer> peer_of(int socket) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) < 0)
    return fail_errno("read the peer's credentials", errno);
  return Peer{credentials.pid, credentials.uid, credentials.gid};
}

namespace {
constexpr std::size_t most_fds = 16;
constexpr std::size_t most_bytes = 64 * 1024;
}  // namespace

Result<void> send_message(int socket, std::string_view bytes, std::span<const int> fds) {
  if (fds.size() > most_fds || bytes.size() > most_bytes)
    return fail(Kind::internal, "system.message", "message too large for a Unix socket");
  alignas(cmsghdr) std::array<char, CMSG_SPACE(most_fds * sizeof(int))> control{};
  iovec data{const_cast<char*>(bytes.data()), bytes.size()};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  if (!fds.empty()) {
    message.msg_control = control.data();
    message.msg_controllen = CMSG_SPACE(fds.size() * sizeof(int));
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(fds.size() * sizeof(int));
    std::memcpy(CMSG_DATA(header), fds.data(), fds.size() * sizeof(int));
  }
  while (::sendmsg(socket, &message, MSG_NOSIGNAL) < 0)
    if (errno != EINTR) return fail_errno("send a message", errno, Kind::unavailable);
  return {};
}

Result<Message> receive_message(int socket) {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(most_fds * sizeof(int))> control{};
  Message result;
  result.bytes.resize(most_bytes);
  iovec data{result.bytes.data(), result.bytes.size()};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  ssize_t got = 0;
  while ((got = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC)) < 0)
    if (errno != EINTR) return fail_errno("receive a message", errno, Kind::unavailable);
  result.bytes.resize(static_cast<std::size_t>(got));
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    std::size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof fd);
      result.fds.emplace_back(fd);
    }
  }
  return result;
}

Result<void> write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t put = ::write(fd, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return fail_errno("write", errno);
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return {};
}

Result<std::string> read_all(int fd, std::size_t limit) {
  std::string bytes;
  std::array<char, 32768> chunk;
  while (true) {
    ssize_t got = ::read(fd, chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno("read", errno);
    if (got == 0) return bytes;
    if (bytes.size() + static_cast<std::size_t>(got) > limit)
      return fail(Kind::usage, "system.too-large", fmt::format("more than {} bytes", limit));
    bytes.append(chunk.data(), static_cast<std::size_t>(got));
  }
}

Result<std::string> read_file(const std::string& path, std::size_t limit) {
  PHOTON_TRY(Fd fd, open_fd(path, O_RDONLY));
  auto bytes = read_all(fd.get(), limit);
  if (!bytes) return within(std::move(bytes.error()), "while reading " + path);
  return bytes;
}

namespace {

Result<void> replace_file(const std::string& path, std::string_view bytes, mode_t mode, bool synced) {
  std::string draft = path + ".XXXXXX";
  Fd fd(::mkostemp(draft.data(), O_CLOEXEC));
  if (!fd) return fail_errno("write " + path, errno);
  auto done = write_all(fd.get(), bytes);
  if (done && (::fchmod(fd.get(), mode) < 0 || (synced && ::fsync(fd.get()) < 0) ||
               ::rename(draft.c_str(), path.c_str()) < 0))
    done = fail_errno("write " + path, errno);
  if (!done) ::unlink(draft.c_str());
  return done;
}

}  // namespace

Result<void> write_file(const std::string& path, std::string_view bytes, mode_t mode) {
  return replace_file(path, bytes, mode, true);
}

Result<void> write_derived(const std::string& path, std::string_view bytes, mode_t mode) {
  return replace_file(path, bytes, mode, false);
}

std::uint64_t free_space(const std::string& path) {
  struct statvfs info{};
  if (::statvfs(path.c_str(), &info) < 0) return std::numeric_limits<std::uint64_t>::max();
  return std::uint64_t(info.f_bavail) * info.f_frsize;
}

Result<void> make_directories(const std::string& path, mode_t mode) {
  for (std::size_t at = 1; at <= path.size(); ++at) {
    if (at != path.size() && path[at] != '/') continue;
    std::string part = path.substr(0, at);
    if (::mkdir(part.c_str(), mode) == 0 || errno == EEXIST) continue;
    int error = errno;
    struct stat found{};
    if (::stat(part.c_str(), &found) == 0 && S_ISDIR(found.st_mode)) continue;
    return fail_errno("make the folder " + part, error);
  }
  return {};
}

}  // namespace photon
