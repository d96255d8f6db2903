// Forwarded connections: direct-tcpip from the client, forwarded-tcpip and agent channels to it.
#pragma once
#include "devenv/gateway/channel.hpp"

namespace photon::gateway {

/// An open channel and a connected socket, or one that a thread is still connecting.
class Forward : public Channel {
 public:
  Forward(ssh_channel channel, Fd socket);
  /// `reach` runs in a thread of its own and may take long; without an outcome the channel is closed.
  Forward(ssh_channel channel, std::function<Result<Fd>()> reach);
  void watch(std::vector<pollfd>& polled, bool stalled) override;
  bool step(bool stalled) override;

 private:
  struct Reaching;
  bool reached();
  std::shared_ptr<Reaching> reaching_;
  Fd notice_;  ///< ends when the thread has its outcome
};

/// A channel that we open to the client: `ask` is called until it no longer says SSH_AGAIN.
class Offered : public Forward {
 public:
  Offered(ssh_channel channel, Fd socket, std::function<int(ssh_channel)> ask)
      : Forward(channel, Fd()), socket_(std::move(socket)), ask_(std::move(ask)) {}
  bool step(bool stalled) override;

 private:
  Fd socket_;
  std::function<int(ssh_channel)> ask_;
};

/// This machine itself, as seen from inside the environment.
bool is_loopback(const std::string& host);

}  // namespace photon::gateway
