// A stream of bytes from any thread to one client of the server: server-sent events and logs.
#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace photon::http {

class Feed {
 public:
  /// What a client that does not read may make us keep before it is dropped.
  static constexpr std::size_t most_pending = 1 << 20;

  /// `keep_alive`: something harmless that is sent every 15 s when nothing else is (": \n\n" of SSE), or "".
  explicit Feed(std::string keep_alive = {}) : keep_alive_(std::move(keep_alive)) {}

  /// Never blocks. False: the client has gone, or is too slow and was dropped.
  bool push(std::string bytes);
  /// Waits for a slow client instead of dropping it. False: it has gone.
  bool push_slowly(std::string bytes);
  void close();
  /// Requested when the client has gone or the server stops.
  [[nodiscard]] std::stop_token gone() const { return gone_.get_token(); }

  // The server's side.
  /// `wake` is called, from any thread, when there is something to take.
  void attach(std::function<void()> wake);
  struct Taken {
    std::string bytes;
    bool closed = false;  ///< nothing will follow
  };
  Taken take();
  void leave();
  [[nodiscard]] const std::string& keep_alive() const { return keep_alive_; }

 private:
  void wake(std::unique_lock<std::mutex>& lock);

  const std::string keep_alive_;
  std::mutex mutex_;
  std::condition_variable room_;
  std::string pending_;
  bool closed_ = false;
  bool left_ = false;
  std::function<void()> wake_;
  std::stop_source gone_;
};

/// One server-sent event; `data` may have several lines.
std::string event(std::string_view name, std::string_view data);

}  // namespace photon::http
