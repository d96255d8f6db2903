// A server on a socket in a temporary folder, its loop on a thread of its own.
#pragma once
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <csignal>
#include <thread>

#include "devenv/api/http/server.hpp"
#include "tests/fixtures/temp_folder.hpp"

namespace photon::http {

class RunningServer {
 public:
  explicit RunningServer(Handler handler, Limits limits = {}, bool admit = true)
      : server_(loop_, pool_, std::move(handler), [admit](const Peer&) { return admit; }, limits) {
    std::signal(SIGPIPE, SIG_IGN);  // a server may answer and close before all was sent
    auto socket = listen_unix(path(), SOCK_STREAM);
    if (!socket || !server_.listen(std::move(*socket))) std::abort();
    thread_ = std::thread([this] { loop_.run(); });
  }
  ~RunningServer() {
    boost::asio::post(loop_, [this] { server_.stop(); });
    pool_.stop();
    boost::asio::post(loop_, [this] { loop_.stop(); });
    thread_.join();
  }
  [[nodiscard]] std::string path() const { return folder_.path + "/api.sock"; }
  void stop() {
    boost::asio::post(loop_, [this] { server_.stop(); });
  }

  /// Sends raw bytes and reads to the end of the answer, at most ten seconds.
  [[nodiscard]] std::string exchange(std::string_view bytes, bool half_close = false) const {
    auto socket = connect_unix(path(), SOCK_STREAM);
    if (!socket) return "no connection";
    static_cast<void>(write_all(socket->get(), bytes));
    if (half_close) ::shutdown(socket->get(), SHUT_WR);
    return rest(socket->get());
  }
  static std::string rest(int socket) {
    timeval limit{10, 0};
    ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    std::string all(1 << 20, '\0');
    std::size_t size = 0;
    ssize_t count = 0;
    while (size < all.size() && (count = ::recv(socket, all.data() + size, all.size() - size, 0)) > 0)
      size += static_cast<std::size_t>(count);
    all.resize(size);
    return all;
  }

 private:
  fixtures::TempFolder folder_;
  boost::asio::io_context loop_{1};
  Pool pool_{4};
  Server server_;
  std::thread thread_;
};

}  // namespace photon::http
