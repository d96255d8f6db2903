#include "devenv/gateway/read_ahead.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <ctime>

namespace {

/// What two windows' worth of packets take; larger leaves the cache of the processor.
constexpr std::size_t most_ahead = 64 * 1024;

struct Ahead {
  int fd = -1;
  std::size_t from = 0;
  std::size_t to = 0;
  int more = 0;           ///< MSG_MORE while there are packets to follow
  bool pending = false;   ///< something was sent with it
  bool writable = false;  ///< the kernel took all of the last packet, so it will take some of the next
  std::array<char, most_ahead> bytes;
  [[nodiscard]] std::size_t held() const { return to - from; }
};

Ahead ahead;

int ask_kernel(pollfd* polled, nfds_t count, int timeout) {
  timespec limit{timeout / 1000, timeout % 1000 * 1000000L};
  return ::ppoll(polled, count, timeout < 0 ? nullptr : &limit, nullptr);
}

}  // namespace

// What libssh calls, found by the dynamic linker before libc's. What they call instead (ppoll, recvfrom,
// sendto) is never ours.
extern "C" {

int poll(pollfd* polled, nfds_t count, int timeout) {
  // A claim that proves wrong costs one EAGAIN. Whether there is more to read is asked the next time.
  if (count == 1 && polled->fd == ahead.fd && (polled->events & POLLOUT) != 0 && ahead.writable) {
    polled->revents = static_cast<short>(POLLOUT | (ahead.held() != 0 ? polled->events & POLLIN : 0));
    return 1;
  }
  if (ahead.held() == 0) return ask_kernel(polled, count, timeout);
  auto* mine = std::find_if(polled, polled + count, [](const pollfd& one) {
    return one.fd == ahead.fd && (one.events & POLLIN) != 0;
  });
  if (mine == polled + count) return ask_kernel(polled, count, timeout);
  // Whether it may write, too, libssh learns when the buffer is empty, a few packets later.
  if (count == 1) {
    mine->revents = POLLIN;
    return 1;
  }
  int ready = ask_kernel(polled, count, 0);
  if (ready < 0) return ready;
  if (mine->revents == 0) ++ready;
  mine->revents |= POLLIN;
  return ready;
}

ssize_t recv(int fd, void* buffer, std::size_t size, int flags) {
  if (fd != ahead.fd || flags != 0) return ::recvfrom(fd, buffer, size, flags, nullptr, nullptr);
  if (ahead.held() == 0) {
    ssize_t got = ::recvfrom(fd, ahead.bytes.data(), ahead.bytes.size(), 0, nullptr, nullptr);
    if (got <= 0) return got;
    ahead.from = 0;
    ahead.to = static_cast<std::size_t>(got);
  }
  std::size_t taken = std::min(size, ahead.held());
  std::memcpy(buffer, ahead.bytes.data() + ahead.from, taken);
  ahead.from += taken;
  return static_cast<ssize_t>(taken);
}

ssize_t send(int fd, const void* bytes, std::size_t size, int flags) {
  ssize_t put = ::sendto(fd, bytes, size, fd == ahead.fd ? flags | ahead.more : flags, nullptr, 0);
  if (fd != ahead.fd) return put;
  ahead.writable = put == static_cast<ssize_t>(size);
  ahead.pending |= ahead.more != 0;
  return put;
}

}  // extern "C"

namespace photon::gateway {

void read_ahead(int fd) { ahead.fd = fd; }
std::size_t held_ahead() { return ahead.held(); }

ManyPackets::ManyPackets() { ahead.more = MSG_MORE; }
ManyPackets::~ManyPackets() {
  ahead.more = 0;
  if (!ahead.pending) return;
  ahead.pending = false;
  int on = 1;  // said again, it sends what waits (tcp(7)); Unix sockets never wait
  ::setsockopt(ahead.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

}  // namespace photon::gateway
