// An HTTP/1.1 server on listening Unix sockets. One event loop reads and writes; handlers run on workers.
#pragma once
#include <chrono>
#include <memory>

#include "devenv/api/http/message.hpp"
#include "devenv/api/http/pool.hpp"

namespace boost::asio {
class io_context;
}

namespace photon::http {

struct Limits {
  std::size_t header = 64 << 10;
  std::size_t body = 8 << 20;              ///< `up` carries the caller's environment variables
  std::chrono::milliseconds slow{30'000};  ///< for a whole request, and for each piece of an answer
  std::chrono::milliseconds keep_alive{15'000};
  unsigned connections = 256;
};

class Server {
 public:
  /// `admit` decides by the peer's credentials; a refused one reads 403.
  Server(boost::asio::io_context& loop, Pool& workers, Handler handler,
         std::function<bool(const Peer&)> admit, Limits limits = {});
  ~Server();
  /// Takes connections from a listening stream socket from now on.
  Result<void> listen(Fd socket);
  /// Takes no more connections and ends the streams; call on the loop's thread.
  void stop();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace photon::http
