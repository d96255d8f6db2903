// A daemon of canned answers on a Unix socket: what the screens look like must not depend on real work.
#pragma once
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include "devenv/core/fd.hpp"
#include "devenv/core/json.hpp"

namespace photon::test {

/// Writes to the one connection it was made for; ends when that is closed.
class Stream {
 public:
  explicit Stream(int socket) : socket_(socket) {}
  void event(const std::string& name, const json::value& data) const;

 private:
  int socket_;
};

class FakeDaemon {
 public:
  /// Answers with JSON, or an error, by "METHOD target".
  void answers(const std::string& call, json::value body, int status = 200);
  /// A stream of server-sent events, written by `script` in the connection's thread.
  void streams(const std::string& call, std::function<void(const Stream&)> script);

  /// The next such call gets no answer: its connection is closed, as by a daemon that is killed.
  void dies_of(const std::string& call);

  explicit FakeDaemon(const std::string& socket_path);
  ~FakeDaemon();
  FakeDaemon(const FakeDaemon&) = delete;
  FakeDaemon& operator=(const FakeDaemon&) = delete;

  /// The calls so far, "METHOD target".
  std::vector<std::string> calls();
  /// Waits until that call was made; false after five seconds.
  bool called(const std::string& call);

 private:
  struct Answer {
    json::value body;
    int status = 200;
    std::function<void(const Stream&)> script;
  };
  void accept(const std::stop_token& stop);
  void serve(int socket);
  void reply(int socket, const Answer& answer);

  Fd listener_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, Answer> answers_;
  std::vector<std::string> calls_;
  std::string deadly_;
  std::vector<std::jthread> connections_;
  std::jthread acceptor_;
};

}  // namespace photon::test
