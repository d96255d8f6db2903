// A scripted HTTP server and a proxy that cuts connections: what a real registry cannot be made to do.
#pragma once
#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "devenv/core/fd.hpp"

namespace photon::fixtures {

/// Accepts on a free port of 127.0.0.1 until it goes; one thread for a connection.
class Listener {
 public:
  explicit Listener(std::function<void(int)> serve);
  ~Listener();
  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] std::string host() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  std::function<void(int)> serve_;
  Fd socket_;
  int port_ = 0;
  std::mutex mutex_;
  std::vector<int> open_;
  std::vector<std::jthread> connections_;
  std::jthread accepting_;
};

struct HttpRequest {
  std::string method;
  std::string target;
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;
};
struct HttpAnswer {
  int status = 200;
  std::vector<std::string> headers{};
  std::string body{};
};

/// Answers each request by the function; remembers all of them.
class TinyServer {
 public:
  explicit TinyServer(std::function<HttpAnswer(const HttpRequest&)> answer);
  [[nodiscard]] std::string host() const { return listener_.host(); }
  std::vector<HttpRequest> requests();

 private:
  void serve(int socket);
  std::function<HttpAnswer(const HttpRequest&)> answer_;
  std::mutex mutex_;
  std::vector<HttpRequest> seen_;
  Listener listener_;  ///< last: its threads use the others
};

/// Passes bytes on to a port, and breaks a connection once so many bytes came back; `cuts` times in all.
class CuttingProxy {
 public:
  CuttingProxy(int port, std::size_t after, int cuts);
  [[nodiscard]] std::string host() const { return listener_.host(); }
  [[nodiscard]] int cut() const { return cut_; }

 private:
  void serve(int socket);
  int port_;
  std::size_t after_;
  int cuts_;
  std::atomic<int> cut_ = 0;
  Listener listener_;
};

/// A connected TCP socket, or none.
Fd connect_port(int port);

}  // namespace photon::fixtures
