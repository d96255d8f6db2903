#include "tests/unit/cli/pseudo_terminal.hpp"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>

namespace photon::test {

std::vector<std::string>& Screen::line() {
  if (lines_.size() <= row_) lines_.resize(row_ + 1);
  return lines_[row_];
}

void Screen::put(std::string_view character) {
  if (column_ >= columns_) {
    column_ = 0;
    ++row_;
  }
  auto& cells = line();
  if (cells.size() <= column_) cells.resize(column_ + 1, " ");
  cells[column_++] = character;
}

void Screen::escape(char letter, unsigned count) {
  if (letter == 'A') row_ -= std::min<std::size_t>(row_, std::max(1U, count));
  if (letter == 'K' && line().size() > column_) line().resize(column_);
  if (letter == 'J') {
    if (line().size() > column_) line().resize(column_);
    lines_.resize(row_ + 1);
  }
}

void Screen::write(std::string_view bytes) {
  pending_ += bytes;
  std::size_t at = 0;
  while (at < pending_.size()) {
    auto first = static_cast<unsigned char>(pending_[at]);
    if (first == 0x1b) {
      // ESC [ numbers letter; of others (ESC =, ESC >) the second byte is the last.
      auto end = at + 1;
      if (end < pending_.size() && pending_[end] == '[')
        for (++end; end < pending_.size() && static_cast<unsigned char>(pending_[end]) < 0x40;) ++end;
      if (end >= pending_.size()) break;
      escape(pending_[end], static_cast<unsigned>(std::strtoul(pending_.c_str() + at + 2, nullptr, 10)));
      at = end + 1;
      continue;
    }
    std::size_t length = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (at + length > pending_.size()) break;
    if (first == '\r')
      column_ = 0;
    else if (first == '\n')
      ++row_;
    else if (first == '\b')
      column_ -= std::min<std::size_t>(column_, 1);
    else if (first == '\a')
      ;
    else
      put(std::string_view(pending_).substr(at, length));
    at += length;
  }
  pending_.erase(0, at);
}

std::string Screen::text() const {
  std::string out;
  for (const auto& cells : lines_) {
    std::string row;
    for (const auto& cell : cells) row += cell;
    while (row.ends_with(' ')) row.pop_back();
    out += row + "\n";
  }
  return out;
}

namespace {

// When the leader of a session ends, Linux throws away what its terminal has not handed on yet: a busy
// machine then loses a program's last words. So the leader here is not the program, and lives until
// everything is read.
[[noreturn]] void lead(const std::vector<std::string>& argv, const TerminalOptions& options, int ended) {
  for (int signal : {SIGINT, SIGQUIT, SIGTSTP}) ::signal(signal, SIG_IGN);
  auto program = ::fork();
  if (program == 0) {
    for (int signal : {SIGINT, SIGQUIT, SIGTSTP}) ::signal(signal, SIG_DFL);
    for (const auto& one : options.environment) ::putenv(const_cast<char*>(one.c_str()));
    std::vector<char*> words;
    for (const auto& word : argv) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    ::execv(words[0], words.data());
    ::_exit(127);
  }
  int raw = 0;
  while (::waitpid(program, &raw, 0) < 0 && errno == EINTR) {
  }
  if (::write(ended, &raw, sizeof raw) == sizeof raw)
    for (;;) ::pause();
  ::_exit(1);
}

}  // namespace

PseudoTerminal::PseudoTerminal(const std::vector<std::string>& argv, const TerminalOptions& options)
    : screen_(options.columns) {
  winsize size{};
  size.ws_row = 40;
  size.ws_col = static_cast<unsigned short>(options.columns);
  std::array<int, 2> ended{-1, -1};
  if (::pipe2(ended.data(), O_CLOEXEC) != 0) return;
  int master = -1;
  leader_ = ::forkpty(&master, nullptr, nullptr, &size);
  if (leader_ == 0) lead(argv, options, ended[1]);
  ::close(ended[1]);
  ended_.reset(ended[0]);
  master_.reset(master);
  reader_ = std::jthread([this] { read(); });
}

PseudoTerminal::~PseudoTerminal() {
  if (status_ >= 0) return;
  ::kill(-leader_, SIGKILL);
  ::waitpid(leader_, nullptr, 0);
}

void PseudoTerminal::read() {
  std::array<char, 4096> buffer;
  std::array<pollfd, 2> watched{{{master_.get(), POLLIN, 0}, {ended_.get(), POLLIN, 0}}};
  while (::poll(watched.data(), watched.size(), -1) > 0 || errno == EINTR) {
    if ((watched[0].revents & POLLIN) == 0) {
      if (watched[0].revents != 0 || watched[1].revents != 0) return;  // it has ended, and all is read
      continue;
    }
    auto count = ::read(master_.get(), buffer.data(), buffer.size());
    if (count <= 0) return;
    std::lock_guard lock(mutex_);
    bytes_.append(buffer.data(), static_cast<std::size_t>(count));
    screen_.write({buffer.data(), static_cast<std::size_t>(count)});
    changed_.notify_all();
  }
}

void PseudoTerminal::type(std::string_view keys) { (void)write_all(master_.get(), keys); }

void PseudoTerminal::resize(unsigned columns) {
  winsize size{};
  size.ws_row = 40;
  size.ws_col = static_cast<unsigned short>(columns);
  ::ioctl(master_.get(), TIOCSWINSZ, &size);
  std::lock_guard lock(mutex_);
  screen_.set_columns(columns);
}

bool PseudoTerminal::shows(std::string_view part) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, std::chrono::seconds(10),
                           [&] { return screen_.text().find(part) != std::string::npos; });
}

int PseudoTerminal::status() {
  if (status_ >= 0) return status_;
  reader_.join();
  int raw = 0;
  if (::read(ended_.get(), &raw, sizeof raw) != sizeof raw) raw = SIGKILL;
  ::kill(leader_, SIGKILL);
  ::waitpid(leader_, nullptr, 0);
  status_ = WIFSIGNALED(raw) ? 128 + WTERMSIG(raw) : WEXITSTATUS(raw);
  return status_;
}

std::string PseudoTerminal::screen() {
  std::lock_guard lock(mutex_);
  return screen_.text();
}

std::string PseudoTerminal::bytes() {
  std::lock_guard lock(mutex_);
  return bytes_;
}

}  // namespace photon::test
