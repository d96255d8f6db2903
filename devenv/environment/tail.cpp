#include "devenv/environment/tail.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <condition_variable>
#include <mutex>

#include "devenv/core/fd.hpp"

namespace photon::environment {
namespace {

constexpr std::size_t most_kept = 1 << 20;
constexpr std::size_t longest_line = 64 << 10;

}  // namespace

Tail::Tail(std::string path, std::function<void(std::string_view)> line)
    : path_(std::move(path)),
      line_(std::move(line)),
      thread_([this](const std::stop_token& stop) { follow(stop); }) {}

void Tail::follow(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  while (!stop.stop_requested()) {
    take();
    never.wait_for(lock, stop, std::chrono::milliseconds(100), [] { return false; });
  }
}

void Tail::take() {
  Fd file(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return;
  std::string buffer(64 << 10, '\0');
  for (ssize_t got = 0;
       (got = ::pread(file.get(), buffer.data(), buffer.size(), static_cast<off_t>(at_))) > 0;) {
    at_ += static_cast<std::size_t>(got);
    std::string_view bytes(buffer.data(), static_cast<std::size_t>(got));
    all_.append(bytes);
    if (all_.size() > 2 * most_kept) all_.erase(0, all_.size() - most_kept);
    rest_.append(bytes);
    for (std::size_t end = 0; (end = rest_.find('\n')) != rest_.npos; rest_.erase(0, end + 1))
      line_(std::string_view(rest_).substr(0, end));
    if (rest_.size() > longest_line) rest_.clear();
  }
}

std::string Tail::end() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
  take();
  if (!rest_.empty()) line_(std::exchange(rest_, ""));
  return std::move(all_);
}

}  // namespace photon::environment
