#include "devenv/environment/doors.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <list>
#include <thread>

#include "devenv/core/fd.hpp"
#include "devenv/inside/protocol.hpp"

namespace photon::environment {
namespace {

// One direction of a connection: at most one buffer under way, so a slow reader slows its writer and nobody
// else.
struct Flow {
  int from;
  int to;
  std::array<char, 65536> buffer{};
  std::size_t begin = 0;
  std::size_t end = 0;
  bool open = true;

  void read_some() {
    ssize_t got = ::read(from, buffer.data(), buffer.size());
    if (got > 0) {
      begin = 0;
      end = static_cast<std::size_t>(got);
    } else if (got == 0 || (errno != EINTR && errno != EAGAIN)) {
      open = false;
      ::shutdown(to, SHUT_WR);
    }
  }
  void write_some() {
    ssize_t put = ::send(to, buffer.data() + begin, end - begin, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (put > 0) begin += static_cast<std::size_t>(put);
    if (put < 0 && errno != EINTR && errno != EAGAIN) {
      open = false;
      begin = end;
      ::shutdown(from, SHUT_RD);
    }
  }
};

void carry(int outside, int inside, int stop) {
  auto up = std::make_unique<Flow>(Flow{outside, inside});
  auto down = std::make_unique<Flow>(Flow{inside, outside});
  auto pending = [](const Flow& flow) { return flow.begin < flow.end; };
  while (up->open || down->open || pending(*up) || pending(*down)) {
    auto wants = [&](Flow& in, Flow& out) {
      return static_cast<short>((in.open && !pending(in) ? POLLIN : 0) | (pending(out) ? POLLOUT : 0));
    };
    pollfd ready[3] = {{outside, wants(*up, *down), 0}, {inside, wants(*down, *up), 0}, {stop, POLLIN, 0}};
    for (auto& one : ready)
      if (one.events == 0) one.fd = -1;
    if (::poll(ready, 3, -1) < 0 && errno != EINTR) return;
    if (ready[2].revents != 0) return;
    if (pending(*down) && (ready[0].revents & (POLLOUT | POLLERR | POLLHUP))) down->write_some();
    if (pending(*up) && (ready[1].revents & (POLLOUT | POLLERR | POLLHUP))) up->write_some();
    if (up->open && !pending(*up) && (ready[0].revents & (POLLIN | POLLERR | POLLHUP))) up->read_some();
    if (down->open && !pending(*down) && (ready[1].revents & (POLLIN | POLLERR | POLLHUP))) down->read_some();
  }
}

Result<Fd> listen_local(unsigned port) {
  Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket) return fail_errno("make a socket", errno);
  int yes = 1;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  if (::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) < 0 ||
      ::listen(socket.get(), 64) < 0) {
    if (errno == EADDRINUSE)
      return fail(Kind::conflict, "environment.port-taken",
                  fmt::format("port {} of this machine is taken", port),
                  "name another: devenv ports --publish PORT:OTHER");
    return fail_errno(fmt::format("listen on 127.0.0.1:{}", port), errno);
  }
  return socket;
}

}  // namespace

class Door {
 public:
  Door(Fd listener, unsigned local, std::string inside_socket, std::string host, unsigned port)
      : listener_(std::move(listener)),
        stop_(::eventfd(0, EFD_CLOEXEC)),
        local_(local),
        socket_(std::move(inside_socket)),
        host_(host.empty() ? "127.0.0.1" : std::move(host)),
        port_(port),
        thread_([this] { serve(); }) {}
  ~Door() {
    std::uint64_t one = 1;
    [[maybe_unused]] auto put = ::write(stop_.get(), &one, sizeof one);
  }
  [[nodiscard]] unsigned local() const { return local_; }

 private:
  void serve() {
    struct Caller {
      std::atomic<bool> done = false;
      std::jthread thread;
    };
    std::list<Caller> callers;
    while (true) {
      pollfd ready[2] = {{listener_.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}};
      if (::poll(ready, 2, -1) < 0 && errno != EINTR) return;
      if (ready[1].revents != 0) return;
      Fd caller(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      callers.remove_if([](const Caller& one) { return one.done.load(); });
      constexpr std::size_t most = 256;
      if (!caller || callers.size() >= most) continue;
      auto& entry = callers.emplace_back();
      entry.thread = std::jthread([this, &entry, caller = std::move(caller)]() {
        auto connection = inside::connect(socket_);
        if (connection)
          if (auto within_it =
                  inside::connect_tcp(std::move(*connection), host_, static_cast<std::uint16_t>(port_)))
            carry(caller.get(), within_it->get(), stop_.get());
        entry.done = true;
      });
    }
  }

  Fd listener_;
  Fd stop_;
  unsigned local_;
  std::string socket_;
  std::string host_;
  unsigned port_;
  std::jthread thread_;
};

Doors::Doors() = default;
Doors::~Doors() = default;

Result<unsigned> Doors::open(const Place& place, const std::string& inside_socket, unsigned local) {
  std::lock_guard hold(mutex_);
  auto found = doors_.find(place);
  if (found != doors_.end()) return found->second->local();
  auto listener = listen_local(local == 0 ? place.port : local);
  if (!listener && local == 0) listener = listen_local(0);
  if (!listener) return tl::unexpected(std::move(listener.error()));
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(listener->get(), reinterpret_cast<sockaddr*>(&address), &size);
  unsigned number = ntohs(address.sin_port);
  doors_[place] = std::make_unique<Door>(std::move(*listener), number, inside_socket, place.host, place.port);
  return number;
}

void Doors::close(const Place& place) {
  std::lock_guard hold(mutex_);
  doors_.erase(place);
}

void Doors::close_all(const std::string& id) {
  std::lock_guard hold(mutex_);
  std::erase_if(doors_, [&](const auto& door) { return door.first.id == id; });
}

unsigned Doors::local_of(const Place& place) {
  std::lock_guard hold(mutex_);
  auto found = doors_.find(place);
  return found == doors_.end() ? 0 : found->second->local();
}

}  // namespace photon::environment
