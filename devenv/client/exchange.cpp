#include "devenv/client/exchange.hpp"
#include "devenv/core/text.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>

namespace photon::client {
namespace {

constexpr std::size_t longest_line = 16 << 10;

/// Until bytes are there. A stop request wakes the wait through an eventfd.
Result<void> wait_readable(int socket, const std::stop_token& stop, std::chrono::milliseconds silence) {
  Fd wake(stop.stop_possible() ? ::eventfd(0, EFD_CLOEXEC) : -1);
  std::stop_callback on_stop(stop, [&] {
    std::uint64_t one = 1;
    if (wake && ::write(wake.get(), &one, sizeof one) < 0) return;
  });
  pollfd watched[] = {{socket, POLLIN, 0}, {wake.get(), POLLIN, 0}};
  int limit = silence.count() > 0 ? static_cast<int>(silence.count()) : -1;
  while (true) {
    if (stop.stop_requested()) return cancelled();
    int ready = ::poll(watched, 2, limit);
    if (ready < 0 && errno == EINTR) continue;
    if (ready < 0) return fail_errno("wait for the daemon", errno, Kind::unavailable);
    if (ready == 0)
      return fail(Kind::unavailable, "client.silence", "the daemon does not answer",
                  "devenv doctor shows what is wrong");
    if (watched[0].revents != 0) return {};
  }
}

tl::unexpected<Error> broken(std::string_view what) {
  return fail(Kind::unavailable, "client.answer", fmt::format("the daemon's answer {}", what),
              "is another program listening on the socket?");
}

tl::unexpected<Error> went_away() {
  return fail(Kind::unavailable, std::string(daemon_ended),
              "the daemon went away in the middle of its answer",
              "try again; devenv doctor shows what is wrong");
}

Error error_of(int status, const std::string& body) {
  auto parsed = parse_json(body, "the answer");
  const json::value* error = parsed ? member(*parsed, "error") : nullptr;
  if (error) return error_from_json(*error);
  return Error{Kind::internal, "client.status", fmt::format("the daemon answered with status {}", status)};
}

bool same_word(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return (x >= 'A' && x <= 'Z' ? x + 32 : x) == y; });
}

}  // namespace

std::string encoded(std::string_view text) {
  std::string out;
  for (unsigned char c : text) {
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                 c == '_' || c == '.' || c == '~';
    out += plain ? std::string(1, static_cast<char>(c)) : fmt::format("%{:02X}", c);
  }
  return out;
}

Result<Exchange> Exchange::begin(Fd socket, const Request& request, std::stop_token stop,
                                 std::chrono::milliseconds silence) {
  std::string text =
      fmt::format("{} {} HTTP/1.1\r\nHost: devenv\r\nConnection: close\r\n", request.method, request.target);
  std::string body = request.body ? write_json(*request.body) : "";
  if (request.body || request.method == "POST")
    text += fmt::format("Content-Type: application/json\r\nContent-Length: {}\r\n", body.size());
  text += "\r\n" + body;
  Exchange exchange(std::move(socket), std::move(stop), silence);
  // A daemon that refuses a body early closes its side: its answer is still worth reading.
  auto sent = write_all(exchange.socket_.get(), text);
  auto head = exchange.head();
  if (!head) {
    bool tells = sent || head.error().kind == Kind::cancelled || head.error().code == daemon_ended;
    return tl::unexpected(tells ? head.error() : sent.error());
  }
  if (exchange.status_ >= 400) {
    PHOTON_TRY(auto answer, exchange.read_all(1 << 20));
    return tl::unexpected(error_of(exchange.status_, answer));
  }
  return exchange;
}

Result<bool> Exchange::fill() {
  PHOTON_CHECK(wait_readable(socket_.get(), stop_, silence_));
  char bytes[16 << 10];
  ssize_t count = -1;
  do {
    count = ::recv(socket_.get(), bytes, sizeof bytes, 0);
  } while (count < 0 && errno == EINTR);
  if (count < 0 && errno == ECONNRESET) return went_away();
  if (count < 0) return fail_errno("read the daemon's answer", errno, Kind::unavailable);
  buffer_.append(bytes, static_cast<std::size_t>(count));
  return count > 0;
}

Result<std::string> Exchange::line() {
  std::size_t end = 0;
  while ((end = buffer_.find('\n')) == std::string::npos) {
    if (buffer_.size() > longest_line) return broken("has a line that is too long");
    PHOTON_TRY(bool more, fill());
    if (!more) return went_away();
  }
  std::string found = buffer_.substr(0, end);
  buffer_.erase(0, end + 1);
  if (!found.empty() && found.back() == '\r') found.pop_back();
  return found;
}

Result<void> Exchange::header(std::string_view line) {
  auto colon = line.find(':');
  if (colon == line.npos) return broken("has a header without a colon");
  auto name = trimmed(line.substr(0, colon));
  auto value = trimmed(line.substr(colon + 1));
  if (same_word(name, "transfer-encoding")) chunked_ = same_word(value, "chunked");
  if (same_word(name, "content-length")) {
    auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), left_);
    if (error != std::errc() || end != value.data() + value.size()) return broken("has a wrong length");
    sized_ = true;
  }
  return {};
}

Result<void> Exchange::head() {
  PHOTON_TRY(auto first, line());
  if (!first.starts_with("HTTP/1.1 ") || first.size() < 12) return broken("is not HTTP/1.1");
  auto [end, error] = std::from_chars(first.data() + 9, first.data() + 12, status_);
  if (error != std::errc() || end != first.data() + 12 || status_ < 200) return broken("has a wrong status");
  while (true) {
    PHOTON_TRY(auto next, line());
    if (next.empty()) break;
    PHOTON_CHECK(header(next));
  }
  if (chunked_) left_ = 0;
  ended_ = status_ == 204 || (sized_ && !chunked_ && left_ == 0);
  return {};
}

/// Reads the size line of the next chunk; false at the last one.
Result<bool> Exchange::next_chunk() {
  if (!first_chunk_) {
    PHOTON_TRY(auto end, line());
    if (!end.empty()) return broken("has a chunk of a wrong size");
  }
  first_chunk_ = false;
  PHOTON_TRY(auto size, line());
  auto [end, error] = std::from_chars(size.data(), size.data() + size.size(), left_, 16);
  if (error != std::errc() || (end != size.data() + size.size() && *end != ';'))
    return broken("has a chunk without a size");
  if (left_ > 0) return true;
  while (true) {
    PHOTON_TRY(auto trailer, line());
    if (trailer.empty()) return false;
  }
}

std::string Exchange::take(std::size_t most) {
  std::string bytes = buffer_.substr(0, most);
  buffer_.erase(0, bytes.size());
  return bytes;
}

Result<std::string> Exchange::read() {
  if (ended_) return std::string();
  if (chunked_ && left_ == 0) {
    PHOTON_TRY(bool more, next_chunk());
    ended_ = !more;
    if (ended_) return std::string();
  }
  if (buffer_.empty()) {
    PHOTON_TRY(bool more, fill());
    if (!more && (chunked_ || sized_)) return went_away();
    if (!more) {
      ended_ = true;
      return std::string();
    }
  }
  if (!chunked_ && !sized_) return take(buffer_.size());
  auto bytes = take(std::min<std::uint64_t>(left_, buffer_.size()));
  left_ -= bytes.size();
  if (!chunked_ && left_ == 0) ended_ = true;
  return bytes;
}

Result<std::string> Exchange::read_all(std::size_t limit) {
  std::string all;
  while (true) {
    PHOTON_TRY(auto bytes, read());
    if (bytes.empty()) return all;
    all += bytes;
    if (all.size() > limit) return broken("is too large");
  }
}

}  // namespace photon::client
