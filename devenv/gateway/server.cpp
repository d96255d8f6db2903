#include "devenv/gateway/server.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "devenv/core/name.hpp"
#include "devenv/gateway/forward.hpp"
#include "devenv/gateway/read_ahead.hpp"
#include "devenv/ssh/streamlocal.hpp"

namespace photon::gateway {
namespace {

constexpr int most_reads_a_turn = 64;

std::string end_of(int socket, int (*ask)(int, sockaddr*, socklen_t*)) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  char text[INET6_ADDRSTRLEN] = "127.0.0.1";
  std::uint16_t port = 0;
  if (ask(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0) {
    if (auto* four = reinterpret_cast<sockaddr_in*>(&address); address.ss_family == AF_INET) {
      ::inet_ntop(AF_INET, &four->sin_addr, text, sizeof text);
      port = ntohs(four->sin_port);
    } else if (auto* six = reinterpret_cast<sockaddr_in6*>(&address); address.ss_family == AF_INET6) {
      ::inet_ntop(AF_INET6, &six->sin6_addr, text, sizeof text);
      port = ntohs(six->sin6_port);
    }
  }
  return fmt::format("{} {}", text, port);  // a Unix socket has neither: loopback, port 0
}

}  // namespace

Server::Server(const Options& options, inside::Broker broker)
    : options_(options),
      broker_(std::move(broker)),
      authentication_(broker_, options.tries),
      shared_{broker_, {}, {}, [this] { return begin_agent(); }} {}

Server::~Server() {
  // Channels belong to the session and must go before it.
  channels_.clear();
  for (const auto& forward : remote_forwards_)
    if (forward.unix_socket) remove_path(forward.address);
}

Result<void> Server::run(const Secret& host_key) {
  PHOTON_CHECK(prepare(host_key));
  auto deadline = Clock::now() + options_.login_time;
  int socket = options_.connection;
  // Answers come in several small pieces, and each would wait for the ACK of the one before. (No TCP: no
  // matter.)
  int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  PHOTON_TRY(Fd connection, duplicate(socket));  // libssh closes its own at the first fault
  shared_.ssh_connection = end_of(socket, ::getpeername) + " " + end_of(socket, ::getsockname);
  int state = SSH_AGAIN;
  bool added = false;
  while (!authentication_.accepted() || state != SSH_OK) {
    if (state == SSH_AGAIN) state = ssh_handle_key_exchange(session_.get());
    if (state == SSH_ERROR) return broken_off(connection);
    // The session has nothing to poll before its first step, and an empty event fails at once.
    if (!added) ssh_event_add_session(event_.get(), session_.get());
    added = true;
    auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) return fail(Kind::denied, "gateway.time", "the client took too long to log in");
    if (!turn(left)) return broken_off(connection);
    if (authentication_.exhausted()) {
      ssh_disconnect(session_.get());
      return fail(Kind::denied, "gateway.tries", "too many keys were tried");
    }
  }
  quick_ = false;
  serve();
  return {};
}

/// A client that leaves, as one does that only looks who is there, is nothing to speak of.
Result<void> Server::broken_off(const Fd& connection) const {
  pollfd polled{connection.get(), POLLIN | POLLRDHUP, 0};
  bool left = ::poll(&polled, 1, 0) > 0 && (polled.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
  if (left) return fail(Kind::cancelled, "gateway.gone", "the client left before it was logged in");
  return fail(Kind::denied, "gateway.exchange",
              fmt::format("no session could be agreed on: {}", shown(ssh_get_error(session_.get()))));
}

void Server::serve() {
  heard_ = asked_ = Clock::now();
  while (true) {
    int patience = 5000;
    for (const auto& channel : channels_)
      if (int wanted = channel->patience(); wanted >= 0) patience = std::min(patience, wanted);
    if (!turn(std::chrono::milliseconds(patience))) return;
    keep_alive();
    if (unanswered_ > options_.keepalive_misses) return;
  }
}

bool Server::alive() const {
  return ssh_is_connected(session_.get()) != 0 &&
         (ssh_get_status(session_.get()) & (SSH_CLOSED | SSH_CLOSED_ERROR)) == 0;
}

bool Server::stalled() const { return (ssh_get_poll_flags(session_.get()) & SSH_WRITE_PENDING) != 0; }

bool Server::turn(std::chrono::milliseconds limit) {
  if (quick_) {
    int on = 1;  // forgotten by the kernel at each of our sends; fails on Unix sockets, which need none
    ::setsockopt(options_.connection, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
  }
  std::vector<pollfd> polled{
      {options_.connection, static_cast<short>(stalled() ? POLLIN | POLLOUT : POLLIN), 0}};
  watch(polled);
  int timeout = static_cast<int>(std::min<std::int64_t>(limit.count(), 60000));
  if (::poll(polled.data(), polled.size(), timeout) < 0 && errno != EINTR) return false;
  if ((polled[0].revents & POLLIN) != 0) {
    heard_ = Clock::now();
    unanswered_ = 0;
  }
  for (const auto& channel : channels_) channel->notice(polled);
  if (polled[0].revents != 0) take_from_network();
  if (!alive()) return false;
  accept_offered();
  ManyPackets together;
  // Each step may have fed the next; the bound lets the network have its turn.
  for (int i = 0; i < 8 && step_channels(); ++i) {
    // libssh writes no more before it has heard that it may, even where the last write went through.
    if (stalled() && ssh_event_dopoll(event_.get(), 0) != SSH_OK) return false;
  }
  return alive();
}

void Server::watch(std::vector<pollfd>& polled) {
  bool full = stalled();
  for (const auto& channel : channels_) channel->watch(polled, full);
  for (const auto& forward : remote_forwards_) polled.push_back({forward.listener.get(), POLLIN, 0});
  if (agent_) polled.push_back({agent_.get(), POLLIN, 0});
}

void Server::take_from_network() {
  // libssh reads 4 KiB at a time; more turns at once save a poll of everything for each.
  for (int i = 0; i < most_reads_a_turn; ++i) {
    if (ssh_event_dopoll(event_.get(), 0) != SSH_OK || !alive() || held_ahead() == 0) return;
  }
}

bool Server::step_channels() {
  bool moved = false;
  // By index: a step may run callbacks of libssh that add channels.
  for (std::size_t i = 0; i < channels_.size(); ++i) moved |= channels_[i]->step(stalled());
  auto gone = std::erase_if(channels_, [&](const auto& channel) {
    if (!channel->done()) return false;
    if (dynamic_cast<Process*>(channel.get()) != nullptr) --sessions_;
    return true;
  });
  return moved && gone == 0;
}

void Server::keep_alive() {
  auto now = Clock::now();
  auto quiet = std::min(now - heard_, now - asked_);
  if (options_.keepalive.count() == 0 || quiet < options_.keepalive) return;
  asked_ = now;
  ++unanswered_;
  // libssh allows one such request at a time: the first call takes the answer to the last, the second asks
  // anew.
  if (asking_) ssh_send_keepalive(session_.get());
  ssh_send_keepalive(session_.get());
  asking_ = true;
}

unsigned Server::count_forwards() const {
  return static_cast<unsigned>(channels_.size() - sessions_ + remote_forwards_.size());
}

void Server::accept_offered() {
  auto next = [&](const Fd& listener) -> Fd {
    pollfd polled{listener.get(), POLLIN, 0};
    if (!listener || ::poll(&polled, 1, 0) <= 0) return Fd();
    return Fd(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  };
  auto offer = [&](Fd socket, std::function<int(ssh_channel)> ask) {
    if (count_forwards() >= options_.forwards) return;  // closing the socket tells
    ssh_channel channel = ssh_channel_new(session_.get());
    if (channel != nullptr)
      channels_.push_back(std::make_unique<Offered>(channel, std::move(socket), std::move(ask)));
  };
  for (const auto& forward : remote_forwards_) {
    Fd socket = next(forward.listener);
    if (!socket) continue;
    if (forward.unix_socket) {
      offer(std::move(socket), [path = forward.address](ssh_channel channel) {
        return ssh::open_forwarded_streamlocal(channel, path.c_str());
      });
      continue;
    }
    auto peer = end_of(socket.get(), ::getpeername);
    auto space = peer.find(' ');
    offer(std::move(socket), [address = forward.address, port = forward.port, host = peer.substr(0, space),
                              from = std::stoi(peer.substr(space + 1))](ssh_channel channel) {
      return ssh_channel_open_reverse_forward(channel, address.c_str(), port, host.c_str(), from);
    });
  }
  if (Fd socket = next(agent_))
    offer(std::move(socket), [](ssh_channel channel) { return ssh_channel_open_auth_agent(channel); });
}

}  // namespace photon::gateway
