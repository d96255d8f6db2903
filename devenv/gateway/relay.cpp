#include "devenv/gateway/relay.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace photon::gateway {
namespace {

constexpr std::size_t buffer_size = 32 * 1024;
constexpr std::size_t most_input = 256 * 1024;
constexpr std::size_t window = 2 * 1024 * 1024;  // what the client may send before we have taken it
constexpr std::size_t window_step = 256 * 1024;  // taken bytes after which it may send as many more

void unblock(const Fd& fd) {
  if (fd) ::fcntl(fd.get(), F_SETFL, ::fcntl(fd.get(), F_GETFL) | O_NONBLOCK);
}

bool would_block(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

}  // namespace

void Relay::attach(ssh_channel channel, Fd to, Fd from, Fd error) {
  channel_ = channel;
  to_ = std::move(to);
  from_.fd = std::move(from);
  error_.fd = std::move(error);
  for (const Fd* fd : {&to_, &from_.fd, &error_.fd}) unblock(*fd);
}

void Relay::watch(std::vector<pollfd>& polled, bool stalled) {
  if (to_ && !in_.empty()) polled.push_back({to_.get(), POLLOUT, 0});
  bool open = !stalled && attached() && ssh_channel_window_size(channel_) > 0;
  watch_source(from_, polled, open);
  watch_source(error_, polled, open);
}

void Relay::watch_source(Source& source, std::vector<pollfd>& polled, bool open) {
  source.place = 0;
  source.readable = false;
  if (!source.fd || !source.held.empty() || !open) return;
  source.place = polled.size();  // never 0: that is the connection
  polled.push_back({source.fd.get(), POLLIN, 0});
}

void Relay::notice(const std::vector<pollfd>& polled) {
  for (Source* source : {&from_, &error_})
    source->readable = source->place != 0 && polled[source->place].revents != 0;
}

bool Relay::pump(bool stalled) {
  if (!attached()) return false;
  bool moved = pump_input();
  moved |= pump_output(from_, false, stalled);
  moved |= pump_output(error_, true, stalled);
  return moved;
}

std::size_t Relay::receive(const char* bytes, std::size_t size) {
  taken_ += size;
  if (draining_ || left_ || !attached()) {
    left_ = true;
    return 0;
  }
  if (!to_) return size;  // nobody reads: taken and forgotten, so that the channel does not stall
  // Written once a turn, by `pump`: each write wakes the reader, which costs more than copying a packet.
  std::size_t kept = std::min(most_input - std::min(most_input, in_.size()), size);
  in_.append({bytes, kept});
  left_ = kept < size;
  return kept;
}

bool Relay::flush() {
  if (!attached()) return true;
  pump_input();
  return !to_ || (in_.empty() && !left_);
}

bool Relay::write_input() {
  if (in_.empty() || !to_) return false;
  ssize_t put = ::write(to_.get(), in_.data(), in_.size());
  if (put > 0) in_.drop(static_cast<std::size_t>(put));
  if (put < 0 && !would_block(errno)) end_input();
  return put > 0;
}

bool Relay::pump_input() {
  bool moved = write_input();
  // libssh opens the window in large and late steps, for which the client waits. Asking for more than it may
  // send now opens it so far.
  bool open_window = taken_ >= window_step;
  while ((left_ || open_window) && in_.size() < most_input) {
    moved |= drain();
    open_window = false;
  }
  moved |= write_input();
  // The client's EOF comes before what we refused has been drained: only now may the program see it.
  if (client_eof_ && !left_ && in_.empty() && to_) end_input();
  return moved;
}

bool Relay::drain() {
  static const auto chunk = std::make_unique_for_overwrite<std::array<char, window>>();
  left_ = false;  // what comes during the call is refused and says so
  draining_ = true;
  int got = ssh_channel_read_timeout(channel_, chunk->data(), window, 0, 0);
  draining_ = false;
  taken_ = 0;
  if (got > 0 && to_) in_.append({chunk->data(), static_cast<std::size_t>(got)});
  return got > 0;
}

void Relay::end_input() {
  in_.clear();
  ::shutdown(to_.get(), SHUT_WR);  // a socket may be shared with `from_`; for others closing is the end
  to_.reset();
}

bool Relay::write_channel(Bytes& held, bool is_error) {
  if (held.empty()) return false;
  auto size = static_cast<std::uint32_t>(held.size());
  // Short during a rekey or on a shut window: the rest is kept.
  int put = is_error ? ssh_channel_write_stderr(channel_, held.data(), size)
                     : ssh_channel_write(channel_, held.data(), size);
  if (put > 0) held.drop(static_cast<std::size_t>(put));
  return put > 0;
}

bool Relay::pump_output(Source& source, bool is_error, bool stalled) {
  Bytes& held = source.held;
  bool moved = write_channel(held, is_error);
  if (!source.fd || !source.readable || !held.empty() || stalled || ssh_channel_window_size(channel_) == 0)
    return moved;
  // A program writes in small pieces; what it writes meanwhile joins them in one packet.
  ssize_t got = 0;
  do {
    got = ::read(source.fd.get(), held.room(buffer_size - held.size()), buffer_size - held.size());
    if (got > 0) held.add(static_cast<std::size_t>(got));
  } while (got > 0 && held.size() < buffer_size);
  int error = errno;
  source.readable = held.size() == buffer_size;
  // A terminal whose last program has gone says EIO; a socket may say ECONNRESET: both are ends.
  if (got == 0 || (got < 0 && !would_block(error))) source.fd.reset();
  bool some = !held.empty();
  write_channel(held, is_error);
  return moved || some;
}

}  // namespace photon::gateway
