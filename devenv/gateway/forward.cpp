#include "devenv/gateway/forward.hpp"

#include <arpa/inet.h>
#include <netdb.h>
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
  if (closed_by_client_) done_ = true;
  if (done_) return true;
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

namespace {

bool is_metadata(const std::string& address) {
  return address == "169.254.169.254" || address == "::ffff:169.254.169.254" || address == "fd00:ec2::254";
}

std::string text_of(const addrinfo& info) {
  char text[INET6_ADDRSTRLEN] = "";
  const void* address =
      info.ai_family == AF_INET
          ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in*>(info.ai_addr)->sin_addr)
          : &reinterpret_cast<const sockaddr_in6*>(info.ai_addr)->sin6_addr;
  ::inet_ntop(info.ai_family, address, text, sizeof text);
  return text;
}

}  // namespace

Result<std::string> resolve(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  int failed = ::getaddrinfo(host.c_str(), nullptr, &hints, &list);
  if (failed != 0) return host;  // a neighbour, whom the environment knows: its init says so if not
  std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(list, ::freeaddrinfo);
  std::string found;
  for (const addrinfo* at = list; at != nullptr; at = at->ai_next) {
    if (at->ai_family != AF_INET && at->ai_family != AF_INET6) continue;
    std::string text = text_of(*at);
    if (is_metadata(text))
      return fail(Kind::denied, "gateway.host", shown(host) + " is not reachable through here");
    // An environment has IPv4 always, IPv6 perhaps.
    if (found.empty() || (at->ai_family == AF_INET && found.find(':') != std::string::npos)) found = text;
  }
  if (found.empty()) return fail(Kind::not_found, "gateway.host", shown(host) + " has no address");
  return found;
}

}  // namespace photon::gateway
