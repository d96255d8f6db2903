// The daemon's side of devenv/inside/broker.hpp: sessions for the CLI, and for gateways what they were
// authorized for.
#pragma once
#include <boost/asio/posix/stream_descriptor.hpp>
#include <memory>

#include "devenv/api/http/pool.hpp"
#include "devenv/core/fd.hpp"
#include "devenv/core/json.hpp"
#include "devenv/environment/environment.hpp"

namespace photon::daemon {

class BrokerServer : public std::enable_shared_from_this<BrokerServer> {
 public:
  BrokerServer(boost::asio::io_context& loop, http::Pool& workers, environment::Environments& environments,
               std::function<bool(const Peer&)> admit);
  Result<void> listen(Fd socket);
  /// A new connection for a gateway: it may only authorize, then open what it was authorized for.
  /// `authorized` is called on the loop, at most once.
  Result<Fd> for_gateway(std::function<void()> authorized);
  void stop();

 private:
  struct Connection;
  void accept();
  void add(Fd socket, bool gateway, std::function<void()> authorized);
  void await(const std::shared_ptr<Connection>& connection);
  /// On a worker: one message and its answer. False: the peer has gone.
  bool serve(Connection& connection);
  struct Reply {
    json::value body;
    std::optional<Fd> fd{};
  };
  Result<Reply> reply(Connection& connection, const json::value& request);
  Result<Reply> session(const std::string& name);
  Result<Reply> agent(const std::string& name);

  boost::asio::io_context& loop_;
  http::Pool& workers_;
  environment::Environments& environments_;
  std::function<bool(const Peer&)> admit_;
  std::optional<boost::asio::posix::stream_descriptor> listener_;
};

}  // namespace photon::daemon
