// Bytes between one SSH channel and descriptors, with back-pressure both ways.
//
// libssh may run our callbacks inside any call that looks like mere writing or reading, so callbacks here
// only store; everything that talks to libssh happens in `pump`, which the loop
// calls.
#pragma once
#include <poll.h>

#include <vector>

#include "devenv/core/fd.hpp"
#include "devenv/gateway/bytes.hpp"
#include "devenv/ssh/handle.hpp"

namespace photon::gateway {

class Relay {
 public:
  /// Descriptors are made non-blocking. `to` and `from` may be duplicates of one socket or terminal.
  void attach(ssh_channel channel, Fd to, Fd from, Fd error);
  [[nodiscard]] bool attached() const { return channel_ != nullptr; }

  /// What to wait for. `stalled`: libssh has bytes that the client has not taken, so read no more.
  void watch(std::vector<pollfd>& polled, bool stalled);
  /// What the poll has said: only readable sources are read.
  void notice(const std::vector<pollfd>& polled);
  /// Moves what can be moved; true if something was.
  bool pump(bool stalled);
  /// From the channel's data callback: how much was taken.
  std::size_t receive(const char* bytes, std::size_t size);
  void client_eof() { client_eof_ = true; }

  /// Output has ended and all of it was written to the channel.
  [[nodiscard]] bool output_done() const { return !from_.fd && !error_.fd && !output_held(); }
  /// After the client has closed the channel: passes on what it sent before; false while some is left.
  bool flush();
  [[nodiscard]] bool input_done() const { return !to_; }
  [[nodiscard]] bool output_held() const { return !from_.held.empty() || !error_.held.empty(); }
  /// No more output is wanted, as when a terminal's program has ended.
  void stop_output() {
    from_.fd.reset();
    error_.fd.reset();
  }

 private:
  bool pump_input();
  bool drain();
  bool write_input();
  void end_input();
  struct Source {
    Fd fd;
    Bytes held;             ///< read, not yet taken by the channel
    std::size_t place = 0;  ///< among what is polled; 0 = not polled
    bool readable = false;
  };
  static void watch_source(Source& source, std::vector<pollfd>& polled, bool open);
  bool pump_output(Source& source, bool is_error, bool stalled);
  bool write_channel(Bytes& held, bool is_error);

  ssh_channel channel_ = nullptr;
  Fd to_;
  Source from_;
  Source error_;
  Bytes in_;               ///< from the client, not yet taken by `to_`
  std::size_t taken_ = 0;  ///< from the client since its window was last opened
  bool left_ = false;      ///< libssh holds bytes that we refused
  bool draining_ = false;  ///< inside ssh_channel_read: the callback must take nothing
  bool client_eof_ = false;
};

}  // namespace photon::gateway
