// A bounded number of worker threads for plain blocking code (docs/decisions/002-blocking-workers.md).
// Threads start when there is work and then wait without waking up.
#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

namespace photon::http {

class Pool {
 public:
  /// `rested`: called by a worker each time the last job has ended.
  explicit Pool(unsigned most, std::function<void()> rested = nullptr)
      : most_(most), rested_(std::move(rested)) {}
  ~Pool() { stop(); }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  /// False: the pool has been stopped and the job is dropped.
  bool run(std::function<void(std::stop_token)> job);
  /// Jobs are asked to stop, those that have not begun are dropped, running ones are waited for.
  void stop();
  [[nodiscard]] std::stop_token stopping() const { return stop_.get_token(); }

 private:
  void work();

  const unsigned most_;
  const std::function<void()> rested_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void(std::stop_token)>> jobs_;
  std::vector<std::thread> threads_;
  unsigned idle_ = 0;
  unsigned working_ = 0;
  std::stop_source stop_;
};

}  // namespace photon::http
