#include "devenv/api/http/pool.hpp"

namespace photon::http {

bool Pool::run(std::function<void(std::stop_token)> job) {
  std::unique_lock lock(mutex_);
  if (stop_.stop_requested()) return false;
  jobs_.push_back(std::move(job));
  if (idle_ < jobs_.size() && threads_.size() < most_) threads_.emplace_back([this] { work(); });
  wake_.notify_one();
  return true;
}

void Pool::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    ++idle_;
    wake_.wait(lock, [&] { return stop_.stop_requested() || !jobs_.empty(); });
    --idle_;
    if (stop_.stop_requested()) return;
    auto job = std::move(jobs_.front());
    jobs_.pop_front();
    ++working_;
    lock.unlock();
    job(stop_.get_token());
    job = nullptr;  // what it holds goes outside of the lock
    lock.lock();
    if (--working_ != 0 || !jobs_.empty() || !rested_) continue;
    lock.unlock();
    rested_();
    lock.lock();
  }
}

void Pool::stop() {
  std::vector<std::thread> threads;
  std::deque<std::function<void(std::stop_token)>> dropped;
  {
    std::unique_lock lock(mutex_);
    stop_.request_stop();
    threads.swap(threads_);
    dropped.swap(jobs_);
    wake_.notify_all();
  }
  for (auto& thread : threads) thread.join();
}

}  // namespace photon::http
