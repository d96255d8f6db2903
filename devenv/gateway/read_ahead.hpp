// Reads the client's socket far ahead of libssh, which takes 4 KiB at a time with a poll before each
// (ssh_socket_pollcallback of 0.10 to 0.12; the size is a constant in it): a third of an upload's time.
//
// libssh offers no transport of one's own. So this program, which serves one connection and nothing else,
// defines `poll`, `recv` and `send` itself: for that one socket they answer from what they know, for all
// others they ask the kernel. docs/decisions/014-read-ahead.md weighs it against a patched libssh.
#pragma once
#include <cstddef>

namespace photon::gateway {

/// From now on the socket `fd` is read through the buffer. Call once, before threads; `fd` stays ours.
/// Only the calling thread may poll or receive from it.
void read_ahead(int fd);
/// Bytes that the kernel has given and nobody has taken.
std::size_t held_ahead();

/// While one lives, the kernel is told of each packet that more will follow, so that it makes full segments
/// and wakes the client less often. At its end what is left goes out. Nothing stays in this process.
class ManyPackets {
 public:
  ManyPackets();
  ~ManyPackets();
  ManyPackets(const ManyPackets&) = delete;
  ManyPackets& operator=(const ManyPackets&) = delete;
};

}  // namespace photon::gateway
