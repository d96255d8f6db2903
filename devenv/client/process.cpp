#include "devenv/client/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

#include "devenv/core/undo.hpp"

namespace photon::client {
namespace {

Fd block_signals(std::initializer_list<int> numbers) {
  sigset_t set;
  sigemptyset(&set);
  for (int number : numbers) sigaddset(&set, number);
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  return Fd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

int next_signal(const Fd& signals) {
  signalfd_siginfo info{};
  return ::read(signals.get(), &info, sizeof info) == sizeof info ? static_cast<int>(info.ssi_signo) : 0;
}

void copy_size(int from, int to) {
  winsize size{};
  if (::ioctl(from, TIOCGWINSZ, &size) == 0) ::ioctl(to, TIOCSWINSZ, &size);
}

/// Copies what is there now; false at the end (EIO: the other side of the pty is closed).
bool copy_some(int from, int to) {
  std::array<char, 16384> buffer;
  auto count = ::read(from, buffer.data(), buffer.size());
  if (count < 0) return errno == EINTR || errno == EAGAIN;
  return count > 0 && write_all(to, {buffer.data(), static_cast<std::size_t>(count)}).has_value();
}

/// What the process wrote before its end is still in the pty.
void drain(int master) {
  for (pollfd waiting{master, POLLIN, 0}; ::poll(&waiting, 1, 0) > 0 && (waiting.revents & POLLIN);)
    if (!copy_some(master, 1)) return;
}

/// Signals go to the process until it has ended.
Result<int> attend(const inside::Running& process, const Fd& signals) {
  for (;;) {
    pollfd waiting[] = {{process.connection.get(), POLLIN, 0}, {signals.get(), POLLIN, 0}};
    if (::poll(waiting, 2, -1) < 0) continue;
    if (waiting[1].revents)
      if (int number = next_signal(signals)) PHOTON_CHECK(inside::signal(process, number));
    if (waiting[0].revents) {
      PHOTON_TRY(auto ended, inside::wait(process));
      return ended.status;
    }
  }
}

}  // namespace

Result<int> run_on_terminal(Fd connection, inside::ExecRequest request) {
  winsize size{};
  ::ioctl(0, TIOCGWINSZ, &size);
  request.tty = inside::Tty{};
  if (size.ws_row) request.tty->rows = size.ws_row;
  if (size.ws_col) request.tty->columns = size.ws_col;
  if (const char* term = std::getenv("TERM")) {
    std::erase_if(request.env, [](const std::string& one) { return one.starts_with("TERM="); });
    request.env.push_back(fmt::format("TERM={}", term));
  }
  auto signals = block_signals({SIGWINCH, SIGTERM, SIGHUP});
  PHOTON_TRY(auto process, inside::exec(std::move(connection), request, {}));
  termios before{};
  ::tcgetattr(0, &before);
  termios raw = before;
  ::cfmakeraw(&raw);
  ::tcsetattr(0, TCSADRAIN, &raw);
  Finally restore{[&] { ::tcsetattr(0, TCSADRAIN, &before); }};
  copy_size(0, process.master.get());
  bool reading = true;
  bool writing = true;
  for (;;) {
    pollfd waiting[] = {{process.connection.get(), POLLIN, 0},
                        {signals.get(), POLLIN, 0},
                        {reading ? 0 : -1, POLLIN, 0},
                        {writing ? process.master.get() : -1, POLLIN, 0}};
    if (::poll(waiting, 4, -1) < 0) continue;
    if (waiting[1].revents) {
      int number = next_signal(signals);
      if (number == SIGWINCH)
        copy_size(0, process.master.get());
      else if (number)
        (void)inside::signal(process, number);
    }
    if (waiting[3].revents) writing = copy_some(process.master.get(), 1);
    if (waiting[2].revents) reading = copy_some(0, process.master.get());
    if (waiting[0].revents) {
      PHOTON_TRY(auto ended, inside::wait(process));
      if (writing) drain(process.master.get());
      return ended.status;
    }
  }
}

Result<int> run_on_pipes(Fd connection, const inside::ExecRequest& request) {
  auto signals = block_signals({SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2});
  PHOTON_TRY(auto process, inside::exec(std::move(connection), request, {0, 1, 2}));
  return attend(process, signals);
}

Result<Captured> run_captured(Fd connection, const inside::ExecRequest& request) {
  PHOTON_TRY(auto out, make_pipe());
  PHOTON_TRY(auto err, make_pipe());
  PHOTON_TRY(auto process,
             inside::exec(std::move(connection), request, {0, out.second.get(), err.second.get()}));
  out.second.reset();
  err.second.reset();
  std::string texts[2];
  int ends[2] = {out.first.get(), err.first.get()};
  while (ends[0] >= 0 || ends[1] >= 0) {
    pollfd waiting[] = {{ends[0], POLLIN, 0}, {ends[1], POLLIN, 0}};
    if (::poll(waiting, 2, -1) < 0) continue;
    for (int i = 0; i < 2; ++i) {
      if (!waiting[i].revents) continue;
      std::array<char, 16384> buffer;
      auto count = ::read(ends[i], buffer.data(), buffer.size());
      if (count > 0) texts[i].append(buffer.data(), static_cast<std::size_t>(count));
      if (count == 0 || (count < 0 && errno != EINTR)) ends[i] = -1;
    }
  }
  PHOTON_TRY(auto ended, inside::wait(process));
  return Captured{ended.status, std::move(texts[0]), std::move(texts[1])};
}

Result<int> run_detached(Fd connection, const inside::ExecRequest& request) {
  PHOTON_TRY(auto null, open_fd("/dev/null", O_RDWR));
  PHOTON_TRY(auto process,
             inside::exec(std::move(connection), request, {null.get(), null.get(), null.get()}));
  return 0;
}

}  // namespace photon::client
