// libgit2 blocks in the kernel without a time limit (1.5 has none at all): the call runs in a thread of its
// own that a signal wakes when the work is cancelled or nothing has moved for too long.
#pragma once
#include <atomic>
#include <chrono>
#include <functional>
#include <stop_token>

namespace photon::git {

enum class Ended { finished, cancelled, stalled };

/// Told by the blocking call whenever something has moved.
class Pulse {
 public:
  void beat() { last_.store(now(), std::memory_order_relaxed); }
  [[nodiscard]] std::chrono::milliseconds silent_for() const {
    return std::chrono::milliseconds(now() - last_.load(std::memory_order_relaxed));
  }
  /// The call has to end: its callbacks answer with an error.
  [[nodiscard]] bool ending() const { return ending_.load(std::memory_order_relaxed); }
  void end() { ending_.store(true, std::memory_order_relaxed); }

 private:
  static std::int64_t now() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
  }
  std::atomic<std::int64_t> last_{now()};
  std::atomic<bool> ending_{false};
};

/// Runs `call` to its end; on cancellation, or after `limit` without a beat, it is woken until it returns.
Ended run_interruptibly(const std::function<void()>& call, Pulse& pulse, const std::stop_token& stop,
                        std::chrono::milliseconds limit);

}  // namespace photon::git
