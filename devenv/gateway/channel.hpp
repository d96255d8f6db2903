// One open channel of any kind, as the loop of the server sees it.
#pragma once
#include <libssh/callbacks.h>

#include "devenv/gateway/relay.hpp"

namespace photon::gateway {

class Channel {
 public:
  explicit Channel(ssh_channel channel) : channel_(channel) {}
  virtual ~Channel();
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  virtual void watch(std::vector<pollfd>& polled, bool stalled) { relay_.watch(polled, stalled); }
  /// What the poll of what `watch` added has said.
  virtual void notice(const std::vector<pollfd>& polled) { relay_.notice(polled); }
  /// The longest time until `step` must be called again; -1: none.
  [[nodiscard]] virtual int patience() const { return -1; }
  /// Moves on as far as is possible now; true if something moved.
  virtual bool step(bool stalled) = 0;
  [[nodiscard]] bool done() const { return done_; }
  [[nodiscard]] ssh_channel channel() const { return channel_; }

 protected:
  /// Registers data, EOF and close, and what a subclass has added to `callbacks_`.
  void listen();
  void close();

  ssh_channel channel_;
  Relay relay_;
  bool closed_by_client_ = false;
  bool eof_sent_ = false;
  bool done_ = false;
  ssh_channel_callbacks_struct callbacks_{};
};

}  // namespace photon::gateway
