// File descriptors that close themselves, and the passing of them over Unix sockets.
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "devenv/core/error.hpp"

namespace photon {

/// Owns one descriptor; -1 is none. Everything here is opened with O_CLOEXEC.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(other.release()) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) reset(other.release());
    return *this;
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd() { reset(); }

  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] int release() {
    int fd = fd_;
    fd_ = -1;
    return fd;
  }
  void reset(int fd = -1);
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

struct FdPair {
  Fd first;   ///< of a pipe: the end to read
  Fd second;  ///< of a pipe: the end to write
};

Result<Fd> open_fd(const std::string& path, int flags, mode_t mode = 0600);
Result<FdPair> make_pipe();
/// `type` is SOCK_STREAM or SOCK_SEQPACKET.
Result<FdPair> make_socketpair(int type);
/// A listening Unix socket; a stale file of that name is removed, the new one gets `mode`. Paths longer than
/// sun_path are reached through /proc/self/fd.
Result<Fd> listen_unix(const std::string& path, int type, mode_t mode = 0600);
Result<Fd> connect_unix(const std::string& path, int type);
Result<Fd> duplicate(int fd);

/// The peer of a connected Unix socket (SO_PEERCRED); pid 0 is a process outside of our pid namespace.
struct Peer {
  pid_t pid = 0;
  uid_t uid = 0;
  gid_t gid = 0;
};
Result<Peer> peer_of(int socket);

/// One message of at most 64 KiB with up to 16 descriptors (SCM_RIGHTS). Blocks as the socket does.
Result<void> send_message(int socket, std::string_view bytes, std::span<const int> fds = {});
struct Message {
  std::string bytes;  ///< empty with no fds: the peer has closed
  std::vector<Fd> fds;
};
Result<Message> receive_message(int socket);

Result<void> write_all(int fd, std::string_view bytes);
/// Reads to the end of the file; more than `limit` bytes is an error.
Result<std::string> read_all(int fd, std::size_t limit);
Result<std::string> read_file(const std::string& path, std::size_t limit = 16 << 20);
/// Temporary file in the same folder, fsync, rename: the old or the new content, never half.
Result<void> write_file(const std::string& path, std::string_view bytes, mode_t mode = 0600);
/// Bytes that are left on the file system of `path` for everybody; where that is not known, the largest
/// number.
std::uint64_t free_space(const std::string& path);
/// mkdir -p with `mode` for what is made.
Result<void> make_directories(const std::string& path, mode_t mode = 0700);

}  // namespace photon
