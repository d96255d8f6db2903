#include "packages/forge/publish/parallel.hpp"

#include <algorithm>
#include <atomic>
#include <future>
#include <thread>
#include <vector>

namespace photon::forge {

Result<void> in_parallel(std::size_t count, const std::string& step, const Work& work,
                         const std::function<Result<void>(std::size_t)>& each) {
  std::atomic<std::size_t> next = 0, done = 0;
  std::atomic<bool> failed = false;
  Progress progress{.step = step, .subject = fmt::format("{} packages", count), .total = count};
  auto worker = [&]() -> Result<void> {
    while (!failed) {
      auto i = next++;
      if (i >= count) return {};
      auto result = work.stopped() ? Result<void>(cancelled()) : each(i);
      if (!result) {
        failed = true;
        return result;
      }
      auto report = progress;
      report.done = ++done;
      work.report(report);
    }
    return {};
  };
  std::vector<std::future<Result<void>>> workers;
  auto threads = std::min<std::size_t>(std::clamp(std::thread::hardware_concurrency(), 1U, 8U), count);
  for (std::size_t i = 0; i < threads; ++i) workers.push_back(std::async(std::launch::async, worker));
  Result<void> result;
  for (auto& one : workers)
    if (auto ended = one.get(); !ended && result) result = std::move(ended);
  progress.done = done;
  progress.finished = true;
  work.report(progress);
  return result;
}

}  // namespace photon::forge
