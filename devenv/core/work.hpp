// What every long piece of work receives: a way to be cancelled and a place to tell how far it is.
#pragma once
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>

namespace photon {

/// One report of a running step. A step is one line on the screen.
struct Progress {
  std::string step;     ///< "clone", "image", "create", "start", "hook", …: one word, the first column
  std::string subject;  ///< "acme/web at main"; may change while the step runs
  std::string detail;   ///< "312 files, 4.1 MB", or the last line of a hook's output
  std::uint64_t done = 0;
  std::uint64_t total = 0;  ///< 0: not known
  bool finished = false;    ///< the last report of this step
  bool operator==(const Progress&) const = default;
};

using ProgressSink = std::function<void(const Progress&)>;

/// Passed by value down every long call. `report` may be called from any thread and must not block for long.
struct Work {
  std::stop_token stop;
  ProgressSink progress;

  void report(const Progress& report) const {
    if (progress) progress(report);
  }
  [[nodiscard]] bool stopped() const { return stop.stop_requested(); }
};

}  // namespace photon
