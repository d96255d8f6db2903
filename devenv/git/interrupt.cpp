#include "devenv/git/interrupt.hpp"

#include <pthread.h>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <thread>

namespace photon::git {
namespace {

/// SIGURG is ignored unless asked for, and nothing here asks for it: with a handler and without SA_RESTART it
/// makes a blocking call return EINTR, and does nothing else.
void prepare_signal() {
  static const bool done = [] {
    struct sigaction action{};
    action.sa_handler = [](int) {};
    sigemptyset(&action.sa_mask);
    sigaction(SIGURG, &action, nullptr);
    return true;
  }();
  (void)done;
}

}  // namespace

Ended run_interruptibly(const std::function<void()>& call, Pulse& pulse, const std::stop_token& stop,
                        std::chrono::milliseconds limit) {
  prepare_signal();
  std::mutex mutex;
  std::condition_variable_any changed;
  bool done = false;
  Ended ended = Ended::finished;
  pulse.beat();
  std::thread worker([&] {
    call();
    std::scoped_lock lock(mutex);
    done = true;
    changed.notify_all();
  });
  {
    std::unique_lock lock(mutex);
    while (!done) {
      changed.wait_for(lock, stop, std::chrono::milliseconds(pulse.ending() ? 20 : 250),
                       [&] { return done; });
      if (done) break;
      if (!pulse.ending() && stop.stop_requested()) ended = Ended::cancelled;
      if (!pulse.ending() && ended == Ended::finished && pulse.silent_for() > limit) ended = Ended::stalled;
      if (ended == Ended::finished) continue;
      pulse.end();
      pthread_kill(worker.native_handle(), SIGURG);
      changed.wait_for(lock, std::chrono::milliseconds(20), [&] { return done; });
    }
  }
  worker.join();
  return ended;
}

}  // namespace photon::git
