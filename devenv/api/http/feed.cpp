#include "devenv/api/http/feed.hpp"

namespace photon::http {

/// Called outside of the lock: the server's side posts to its loop.
void Feed::wake(std::unique_lock<std::mutex>& lock) {
  auto call = wake_;
  lock.unlock();
  if (call) call();
}

bool Feed::push(std::string bytes) {
  std::unique_lock lock(mutex_);
  if (left_ || closed_) return false;
  if (pending_.size() + bytes.size() > most_pending) {
    closed_ = true;
    wake(lock);
    return false;
  }
  pending_ += bytes;
  wake(lock);
  return true;
}

bool Feed::push_slowly(std::string bytes) {
  std::unique_lock lock(mutex_);
  room_.wait(lock, [&] { return left_ || pending_.size() < most_pending / 4; });
  if (left_ || closed_) return false;
  pending_ += bytes;
  wake(lock);
  return true;
}

void Feed::close() {
  std::unique_lock lock(mutex_);
  closed_ = true;
  wake(lock);
}

void Feed::attach(std::function<void()> wake) {
  std::unique_lock lock(mutex_);
  wake_ = std::move(wake);
}

Feed::Taken Feed::take() {
  std::unique_lock lock(mutex_);
  Taken taken{std::exchange(pending_, {}), closed_};
  room_.notify_all();
  return taken;
}

void Feed::leave() {
  {
    std::unique_lock lock(mutex_);
    left_ = true;
    wake_ = nullptr;
    pending_ = {};
    room_.notify_all();
  }
  gone_.request_stop();
}

std::string event(std::string_view name, std::string_view data) {
  std::string text = "event: ";
  text += name;
  text += '\n';
  while (true) {
    auto end = data.find('\n');
    text += "data: ";
    text += data.substr(0, end);
    text += '\n';
    if (end == data.npos) break;
    data.remove_prefix(end + 1);
  }
  return text += '\n';
}

}  // namespace photon::http
