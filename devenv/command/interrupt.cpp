#include "devenv/command/interrupt.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace photon::command {
namespace {

sigset_t ours() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

}  // namespace

Interrupt::Interrupt() {
  auto set = ours();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signals_.reset(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  end_.reset(::eventfd(0, EFD_CLOEXEC));
  waiter_ = std::jthread([this] {
    for (;;) {
      pollfd waiting[] = {{signals_.get(), POLLIN, 0}, {end_.get(), POLLIN, 0}};
      if (::poll(waiting, 2, -1) <= 0) continue;
      if (waiting[1].revents) return;
      signalfd_siginfo info{};
      if (::read(signals_.get(), &info, sizeof info) != sizeof info) continue;
      // The second: nothing is waited for. 130 is what a shell reports for SIGINT.
      if (source_.stop_requested()) {
        (void)write_all(2, "\n");
        ::_exit(130);
      }
      source_.request_stop();
    }
  });
}

Interrupt::~Interrupt() {
  ::eventfd_write(end_.get(), 1);
  waiter_.join();
  auto set = ours();
  ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

}  // namespace photon::command
