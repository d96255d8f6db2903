#include "tests/unit/cli/fake_daemon.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>

namespace photon::test {

void Stream::event(const std::string& name, const json::value& data) const {
  (void)write_all(socket_, fmt::format("event: {}\ndata: {}\n\n", name, write_json(data)));
}

FakeDaemon::FakeDaemon(const std::string& socket_path)
    : listener_(listen_unix(socket_path, SOCK_STREAM).value()) {
  ::signal(SIGPIPE, SIG_IGN);  // clients leave when they like
  acceptor_ = std::jthread([this](const std::stop_token& stop) { accept(stop); });
}

FakeDaemon::~FakeDaemon() {
  acceptor_.request_stop();
  acceptor_.join();
}

void FakeDaemon::answers(const std::string& call, json::value body, int status) {
  std::lock_guard lock(mutex_);
  answers_[call] = {std::move(body), status, {}};
}

void FakeDaemon::streams(const std::string& call, std::function<void(const Stream&)> script) {
  std::lock_guard lock(mutex_);
  answers_[call] = {{}, 200, std::move(script)};
}

void FakeDaemon::dies_of(const std::string& call) {
  std::lock_guard lock(mutex_);
  deadly_ = call;
}

std::vector<std::string> FakeDaemon::calls() {
  std::lock_guard lock(mutex_);
  return calls_;
}

bool FakeDaemon::called(const std::string& call) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, std::chrono::seconds(5),
                           [&] { return std::find(calls_.begin(), calls_.end(), call) != calls_.end(); });
}

void FakeDaemon::accept(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    pollfd waiting{listener_.get(), POLLIN, 0};
    if (::poll(&waiting, 1, 20) <= 0) continue;
    int socket = ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) continue;
    connections_.emplace_back([this, socket] {
      Fd owned(socket);
      serve(socket);
    });
  }
}

void FakeDaemon::serve(int socket) {
  std::string text;
  std::array<char, 4096> buffer;
  auto more = [&] {
    auto count = ::recv(socket, buffer.data(), buffer.size(), 0);
    if (count > 0) text.append(buffer.data(), static_cast<std::size_t>(count));
    return count > 0;
  };
  while (text.find("\r\n\r\n") == std::string::npos)
    if (!more()) return;
  auto body = text.find("\r\n\r\n") + 4;
  std::size_t length = 0;
  if (auto at = text.find("Content-Length: "); at < body) length = std::stoul(text.substr(at + 16));
  while (text.size() < body + length)
    if (!more()) return;
  auto call = text.substr(0, text.find(" HTTP/"));
  Answer answer;
  {
    std::lock_guard lock(mutex_);
    calls_.push_back(call);
    if (call == deadly_) {
      deadly_.clear();
      return;
    }
    auto found = answers_.find(call);
    answer = found != answers_.end()
                 ? found->second
                 : Answer{to_json(fail(Kind::not_found, "fake", "no answer to " + call).value()), 404, {}};
    if (found == answers_.end()) answer.body = json::object{{"error", answer.body}};
  }
  changed_.notify_all();
  reply(socket, answer);
}

void FakeDaemon::reply(int socket, const Answer& answer) {
  if (answer.script) {
    (void)write_all(socket,
                    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n");
    answer.script(Stream(socket));
    return;
  }
  auto body = write_json(answer.body);
  (void)write_all(socket,
                  fmt::format("HTTP/1.1 {} x\r\nContent-Type: application/json\r\nContent-Length: {}\r\n"
                              "Connection: close\r\n\r\n{}",
                              answer.status, body.size(), body));
}

}  // namespace photon::test
