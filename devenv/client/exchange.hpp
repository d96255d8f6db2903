// One HTTP/1.1 request and its answer over a Unix socket, written by hand: the CLI starts in 2 ms because it
// links no HTTP library. Understands Content-Length, chunked bodies and bodies that end with the connection.
#pragma once
#include <chrono>
#include <stop_token>
#include <string>

#include "devenv/core/fd.hpp"
#include "devenv/core/json.hpp"

namespace photon::client {

/// The code of an error: the daemon ended before its answer did.
inline constexpr std::string_view daemon_ended = "client.ended";

struct Request {
  std::string method;
  std::string target;
  const json::value* body = nullptr;
};

class Exchange {
 public:
  /// Sends the request and reads the head of the answer. A status of 400 or more is returned as the error in
  /// its body. `silence` is the longest wait for the next byte; zero waits for ever.
  static Result<Exchange> begin(Fd socket, const Request& request, std::stop_token stop,
                                std::chrono::milliseconds silence);

  [[nodiscard]] int status() const { return status_; }
  /// The next bytes of the body; empty at its end. Kind cancelled when stopped.
  Result<std::string> read();
  /// The rest of the body.
  Result<std::string> read_all(std::size_t limit);

 private:
  Exchange(Fd socket, std::stop_token stop, std::chrono::milliseconds silence)
      : socket_(std::move(socket)), stop_(std::move(stop)), silence_(silence) {}
  Result<void> head();
  Result<void> header(std::string_view line);
  Result<std::string> line();
  Result<bool> fill();
  Result<bool> next_chunk();
  std::string take(std::size_t most);

  Fd socket_;
  std::stop_token stop_;
  std::chrono::milliseconds silence_;
  std::string buffer_;
  int status_ = 0;
  bool chunked_ = false;
  bool sized_ = false;
  bool ended_ = false;
  bool first_chunk_ = true;
  std::uint64_t left_ = 0;  ///< of the body, or of the chunk
};

/// %XX for all but unreserved characters: for path segments and query values.
std::string encoded(std::string_view text);

}  // namespace photon::client
