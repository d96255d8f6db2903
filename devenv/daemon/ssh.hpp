// Takes SSH connections and gives each to a process of its own: nothing of the SSH protocol is parsed here.
#pragma once
#include <boost/asio/posix/stream_descriptor.hpp>
#include <list>
#include <memory>

#include "devenv/core/process.hpp"
#include "devenv/core/secret.hpp"
#include "devenv/daemon/broker.hpp"

namespace photon::daemon {

class SshServer : public std::enable_shared_from_this<SshServer> {
 public:
  static constexpr unsigned most_unauthenticated = 64;

  SshServer(boost::asio::io_context& loop, std::shared_ptr<BrokerServer> broker, std::string gateway,
            Secret host_key)
      : loop_(loop),
        broker_(std::move(broker)),
        gateway_(std::move(gateway)),
        host_key_(std::move(host_key)) {}
  /// A listening Unix or TCP socket.
  void listen(Fd socket);
  void stop();

 private:
  using Descriptor = boost::asio::posix::stream_descriptor;
  struct Visitor;
  void accept(const std::shared_ptr<Descriptor>& listener);
  Result<void> receive(Fd connection);
  Result<Fd> key_file() const;
  void leave(const std::shared_ptr<Visitor>& visitor);

  boost::asio::io_context& loop_;
  std::shared_ptr<BrokerServer> broker_;
  std::string gateway_;
  Secret host_key_;
  std::list<std::shared_ptr<Descriptor>> listeners_;
  unsigned unauthenticated_ = 0;
};

}  // namespace photon::daemon
