#include "devenv/gateway/forward.hpp"

#include <unistd.h>

#include <mutex>
#include <thread>

#include "devenv/core/name.hpp"

namespace photon::gateway {

struct Forward::Reaching {
  std::mutex mutex;
  Fd socket;
  Fd notice;
};

Forward::Forward(ssh_channel channel, Fd socket) : Channel(channel) {
  listen();
  if (!socket) return;
  auto copy = duplicate(socket.get());
  if (copy)
    relay_.attach(channel, std::move(*copy), std::move(socket), Fd());
  else
    closed_by_client_ = true;
}

Forward::Forward(ssh_channel channel, std::function<Result<Fd>()> reach) : Forward(channel, Fd()) {
  auto pipe = make_pipe();
  if (!pipe) {
    closed_by_client_ = true;
    return;
  }
  notice_ = std::move(pipe->first);
  reaching_ = std::make_shared<Reaching>();
  reaching_->notice = std::move(pipe->second);
  // The thread keeps its own hold on the outcome, for the channel may go first.
  std::thread([outcome = reaching_, reach = std::move(reach)] {
    auto socket = reach();
    std::lock_guard lock(outcome->mutex);
    if (socket) outcome->socket = std::move(*socket);
    outcome->notice.reset();
  }).detach();
}

void Forward::watch(std::vector<pollfd>& polled, bool stalled) {
  Channel::watch(polled, stalled);
  if (notice_) polled.push_back({notice_.get(), POLLIN, 0});
}

bool Forward::reached() {
  pollfd polled{notice_.get(), POLLIN, 0};
  if (::poll(&polled, 1, 0) <= 0) return false;
  notice_.reset();
  std::lock_guard lock(reaching_->mutex);
  auto copy = duplicate(reaching_->socket.get());
  if (copy)
    relay_.attach(channel_, std::move(*copy), std::move(reaching_->socket), Fd());
  else
    close();
  return true;
}

bool Forward::step(bool stalled) {
  if (closed_by_client_) done_ = relay_.flush();
  if (done_ || closed_by_client_) return done_;
  if (notice_) return reached();
  bool moved = relay_.pump(stalled);
  if (!relay_.attached() || !relay_.output_done()) return moved;
  if (!eof_sent_) ssh_channel_send_eof(channel_);
  eof_sent_ = true;
  if (relay_.input_done()) close();
  return moved;
}

bool Offered::step(bool stalled) {
  if (ask_ && !done_) {
    int state = ask_(channel_);
    if (state == SSH_AGAIN) return false;
    ask_ = nullptr;
    auto copy = duplicate(socket_.get());
    if (state == SSH_OK && copy)
      relay_.attach(channel_, std::move(*copy), std::move(socket_), Fd());
    else
      done_ = true;
  }
  return Forward::step(stalled);
}

bool is_loopback(const std::string& host) {
  return host == "localhost" || host == "::1" ||
         (host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string::npos);
}

}  // namespace photon::gateway
