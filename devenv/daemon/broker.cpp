#include "devenv/daemon/broker.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace photon::daemon {
namespace {

using Descriptor = boost::asio::posix::stream_descriptor;
using boost::system::error_code;

tl::unexpected<Error> refused() {
  return fail(Kind::denied, "broker.denied", "this connection may not do that", "authorize first");
}

}  // namespace

struct BrokerServer::Connection {
  Connection(boost::asio::io_context& loop, Fd fd) : socket(loop, fd.release()) {}
  Descriptor socket;
  bool gateway = false;
  std::string authorized_for;  ///< of a gateway
  std::function<void()> authorized;
};

BrokerServer::BrokerServer(boost::asio::io_context& loop, http::Pool& workers,
                           environment::Environments& environments, std::function<bool(const Peer&)> admit)
    : loop_(loop), workers_(workers), environments_(environments), admit_(std::move(admit)) {}

Result<void> BrokerServer::listen(Fd socket) {
  listener_.emplace(loop_, socket.release());
  accept();
  return {};
}

void BrokerServer::stop() {
  if (listener_) listener_->close();
}

void BrokerServer::accept() {
  auto ready = [self = shared_from_this()](error_code error) {
    if (error) return;
    Fd peer(::accept4(self->listener_->native_handle(), nullptr, nullptr, SOCK_CLOEXEC));
    if (peer) {
      auto who = peer_of(peer.get());
      if (who && self->admit_(*who)) self->add(std::move(peer), false, {});
    }
    self->accept();
  };
  listener_->async_wait(Descriptor::wait_read, ready);
}

Result<Fd> BrokerServer::for_gateway(std::function<void()> authorized) {
  PHOTON_TRY(auto pair, make_socketpair(SOCK_SEQPACKET));
  add(std::move(pair.first), true, std::move(authorized));
  return std::move(pair.second);
}

void BrokerServer::add(Fd socket, bool gateway, std::function<void()> authorized) {
  timeval limit{5, 0};  // a peer that reads no answers must not keep a worker
  ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  auto connection = std::make_shared<Connection>(loop_, std::move(socket));
  connection->gateway = gateway;
  connection->authorized = std::move(authorized);
  await(connection);
}

void BrokerServer::await(const std::shared_ptr<Connection>& connection) {
  auto ready = [self = shared_from_this(), connection](error_code error) {
    if (error) return;
    self->workers_.run([self, connection](const std::stop_token&) {
      bool more = self->serve(*connection);
      boost::asio::post(self->loop_, [self, connection, more] {
        if (!connection->authorized_for.empty() && connection->authorized)
          std::exchange(connection->authorized, {})();
        if (more) self->await(connection);
      });
    });
  };
  connection->socket.async_wait(Descriptor::wait_read, ready);
}

bool BrokerServer::serve(Connection& connection) {
  int socket = connection.socket.native_handle();
  // Asio reports edges, and one may be of the time before the peer had said anything.
  pollfd ready{socket, POLLIN, 0};
  if (::poll(&ready, 1, 0) == 0) return true;
  auto message = receive_message(socket);
  if (!message || (message->bytes.empty() && message->fds.empty())) return false;
  auto request = parse_json(message->bytes, "a request", 64 << 10);
  auto made = request ? reply(connection, *request) : Result<Reply>(tl::unexpected(request.error()));
  if (!made) made = Reply{json::object{{"error", to_json(made.error())}}};
  int fd = made->fd ? made->fd->get() : -1;
  std::span<const int> fds(&fd, made->fd ? 1 : 0);
  return send_message(socket, write_json(made->body), fds).has_value();
}

Result<BrokerServer::Reply> BrokerServer::reply(Connection& connection, const json::value& request) {
  PHOTON_TRY(auto op, text_member(request, "op"));
  PHOTON_TRY(auto name, text_member(request, "name"));
  if (op == "authorize") {
    PHOTON_TRY(auto key, text_member(request, "key"));
    // Once authorized, a gateway stays with that environment.
    bool other = !connection.authorized_for.empty() && connection.authorized_for != name;
    bool ok = !other && environments_.authorized(name, key);
    if (ok && connection.gateway) connection.authorized_for = name;
    return Reply{json::object{{"ok", ok}}};
  }
  if (connection.gateway && connection.authorized_for != name) return refused();
  if (op == "session") return session(name);
  if (op == "agent") return agent(name);
  return fail(Kind::usage, "broker.op", "the daemon does not know that request");
}

Result<BrokerServer::Reply> BrokerServer::session(const std::string& name) {
  PHOTON_TRY(auto connection, environments_.inside(name));
  PHOTON_TRY(auto context, environments_.exec_context(name));
  json::array env;
  for (const auto& item : context.env) env.emplace_back(item);
  json::array fixed;
  for (const auto& variable : context.fixed) fixed.emplace_back(variable);
  json::object body{{"ok", true},           {"env", std::move(env)}, {"fixed", std::move(fixed)},
                    {"user", context.user}, {"cwd", context.cwd},    {"shell", context.shell}};
  return Reply{std::move(body), std::move(connection)};
}

/// A new listening socket replaces the one before: the newest gateway gets the connections.
Result<BrokerServer::Reply> BrokerServer::agent(const std::string& name) {
  PHOTON_TRY(auto context, environments_.exec_context(name));
  PHOTON_TRY(auto asking, environments_.inside(name));
  PHOTON_TRY(auto user, inside::lookup(std::move(asking), context.user));
  PHOTON_TRY(auto listening, environments_.inside(name));
  PHOTON_TRY(auto made, inside::listen_path(std::move(listening), "/run/devenv/agent.sock", 0600, user.uid));
  return Reply{json::object{{"ok", true}}, std::move(made.socket)};
}

}  // namespace photon::daemon
