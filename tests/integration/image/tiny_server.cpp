#include "tests/integration/image/tiny_server.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

namespace photon::fixtures {
namespace {

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int port_of(int socket) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

Fd bound(int port) {
  Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = loopback(port);
  ::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address);
  return socket;
}

bool send_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

/// One request from `buffer`, filled from the socket; false at the end of the connection.
bool read_request(int socket, std::string& buffer, HttpRequest& request) {
  auto fill = [&](std::size_t enough) {
    char bytes[65536];
    while (buffer.size() < enough) {
      ssize_t got = ::recv(socket, bytes, sizeof bytes, 0);
      if (got <= 0) return false;
      buffer.append(bytes, static_cast<std::size_t>(got));
    }
    return true;
  };
  while (buffer.find("\r\n\r\n") == std::string::npos)
    if (!fill(buffer.size() + 1)) return false;
  std::size_t end = buffer.find("\r\n\r\n");
  std::string head = buffer.substr(0, end + 2);
  buffer.erase(0, end + 4);
  request.method = head.substr(0, head.find(' '));
  std::size_t start = request.method.size() + 1;
  request.target = head.substr(start, head.find(' ', start) - start);
  for (std::size_t at = head.find("\r\n") + 2; at < head.size();) {
    std::size_t stop = head.find("\r\n", at);
    std::string name = head.substr(at, head.find(':', at) - at);
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
    request.headers[name] = head.substr(at + name.size() + 2, stop - at - name.size() - 2);
    at = stop + 2;
  }
  std::size_t length = 0;
  if (auto size = request.headers.find("content-length"); size != request.headers.end())
    length = std::stoul(size->second);
  if (!fill(length)) return false;
  request.body = buffer.substr(0, length);
  buffer.erase(0, length);
  return true;
}

}  // namespace

Fd connect_port(int port) {
  Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = loopback(port);
  if (::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) socket.reset();
  return socket;
}

Listener::Listener(std::function<void(int)> serve)
    : serve_(std::move(serve)), socket_(bound(0)), port_(port_of(socket_.get())) {
  ::listen(socket_.get(), 64);
  accepting_ = std::jthread([this] {
    while (true) {
      int client = ::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC);
      if (client < 0) return;
      std::lock_guard lock(mutex_);
      open_.push_back(client);
      connections_.emplace_back([this, client] {
        serve_(client);
        ::shutdown(client, SHUT_RDWR);
      });
    }
  });
}

Listener::~Listener() {
  ::shutdown(socket_.get(), SHUT_RDWR);
  accepting_.join();
  for (int client : open_) ::shutdown(client, SHUT_RDWR);
  connections_.clear();
  for (int client : open_) ::close(client);
}

TinyServer::TinyServer(std::function<HttpAnswer(const HttpRequest&)> answer)
    : answer_(std::move(answer)), listener_([this](int socket) { serve(socket); }) {}

std::vector<HttpRequest> TinyServer::requests() {
  std::lock_guard lock(mutex_);
  return seen_;
}

void TinyServer::serve(int socket) {
  std::string buffer;
  HttpRequest request;
  while (read_request(socket, buffer, request)) {
    {
      std::lock_guard lock(mutex_);
      seen_.push_back(request);
    }
    HttpAnswer answer = answer_(request);
    std::string text =
        fmt::format("HTTP/1.1 {} X\r\nContent-Length: {}\r\n", answer.status, answer.body.size());
    for (const auto& header : answer.headers) text += header + "\r\n";
    if (!send_all(socket, text + "\r\n" + answer.body)) return;
    request = {};
  }
}

CuttingProxy::CuttingProxy(int port, std::size_t after, int cuts)
    : port_(port), after_(after), cuts_(cuts), listener_([this](int socket) { serve(socket); }) {}

void CuttingProxy::serve(int socket) {
  Fd server = connect_port(port_);
  if (!server) return;
  std::size_t passed = 0;
  std::string buffer(65536, '\0');
  pollfd ends[2] = {{socket, POLLIN, 0}, {server.get(), POLLIN, 0}};
  while (::poll(ends, 2, -1) > 0) {
    for (int i = 0; i < 2; ++i) {
      if (!(ends[i].revents & (POLLIN | POLLHUP | POLLERR))) continue;
      ssize_t got = ::recv(ends[i].fd, buffer.data(), buffer.size(), 0);
      if (got <= 0 || !send_all(ends[1 - i].fd, {buffer.data(), static_cast<std::size_t>(got)})) return;
      if (i == 1) passed += static_cast<std::size_t>(got);
    }
    if (passed > after_ && cut_ < cuts_) {
      ++cut_;
      return;
    }
  }
}

}  // namespace photon::fixtures
