// Bytes between one SSH channel and descriptors, with back-pressure both ways.
//
// libssh may run our callbacks inside any call that looks like mere writing or reading, so callbacks here
// only store and write to descriptors; everything that talks to libssh happens in `pump`, which the loop
// calls.
#pragma once
#include <poll.h>

#include <string>
#include <vector>

#include "devenv/core/fd.hpp"
#include "devenv/ssh/handle.hpp"

namespace photon::gateway {

class Relay {
 public:
  /// Descriptors are made non-blocking. `to` and `from` may be duplicates of one socket or terminal.
  void attach(ssh_channel channel, Fd to, Fd from, Fd error);
  [[nodiscard]] bool attached() const { return channel_ != nullptr; }

  /// What to wait for. `stalled`: libssh has bytes that the client has not taken, so read no more.
  void watch(std::vector<pollfd>& polled, bool stalled);
  /// Moves what can be moved; true if something was.
  bool pump(bool stalled);
  /// From the channel's data callback: how much was taken.
  std::size_t receive(const char* bytes, std::size_t size);
  void client_eof() { client_eof_ = true; }

  /// Output has ended and all of it was written to the channel.
  [[nodiscard]] bool output_done() const { return !from_ && !error_ && out_.empty() && err_.empty(); }
  [[nodiscard]] bool input_done() const { return !to_; }
  [[nodiscard]] bool output_held() const { return !out_.empty() || !err_.empty(); }
  /// No more output is wanted, as when a terminal's program has ended.
  void stop_output() {
    from_.reset();
    error_.reset();
  }

 private:
  bool pump_input();
  bool drain();
  bool write_input();
  void end_input();
  bool pump_output(Fd& source, std::string& held, bool is_error, bool stalled);
  bool write_channel(std::string& held, bool is_error);

  ssh_channel channel_ = nullptr;
  Fd to_;
  Fd from_;
  Fd error_;
  std::string in_;   ///< from the client, not yet taken by `to_`
  std::string out_;  ///< read, not yet taken by the channel
  std::string err_;
  std::size_t taken_ = 0;  ///< from the client since its window was last opened
  bool left_ = false;      ///< libssh holds bytes that we refused
  bool draining_ = false;  ///< inside ssh_channel_read: the callback must take nothing
  bool client_eof_ = false;
};

}  // namespace photon::gateway
