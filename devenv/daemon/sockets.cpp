#include "devenv/daemon/sockets.hpp"

#include <fcntl.h>
#include <grp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

namespace photon::daemon {
namespace {

/// By the names of devenvd.socket: api, broker, ssh.
std::map<std::string, Fd> handed_over() {
  std::map<std::string, Fd> found;
  char** names = nullptr;
  int count = ::sd_listen_fds_with_names(1, &names);
  for (int i = 0; i < count; ++i) {
    Fd socket(SD_LISTEN_FDS_START + i);
    ::fcntl(socket.get(), F_SETFD, FD_CLOEXEC);
    found[names[i]] = std::move(socket);
  }
  for (int i = 0; names && i < count; ++i) std::free(names[i]);
  std::free(names);
  return found;
}

std::optional<gid_t> group_devenv() {
  group entry{};
  group* found = nullptr;
  std::string buffer(16 << 10, '\0');
  if (::getgrnam_r("devenv", &entry, buffer.data(), buffer.size(), &found) != 0 || !found)
    return std::nullopt;
  return found->gr_gid;
}

Result<Fd> listen_on(const std::string& path, int type, const std::optional<gid_t>& group) {
  PHOTON_TRY(Fd socket, listen_unix(path, type, group ? 0660 : 0600));
  if (group && ::lchown(path.c_str(), static_cast<uid_t>(-1), *group) < 0)
    return fail_errno("give " + path + " to the group devenv", errno);
  return socket;
}

}  // namespace

Result<Sockets> open_sockets(const Paths& paths, bool system) {
  auto given = handed_over();
  auto group = system ? group_devenv() : std::nullopt;
  Sockets sockets{std::move(given["api"]), std::move(given["broker"]), std::move(given["ssh"])};
  if (!sockets.ssh) {
    PHOTON_TRY(sockets.ssh, listen_on(paths.ssh_socket(), SOCK_STREAM, group));
  }
  if (!sockets.broker) {
    PHOTON_TRY(sockets.broker, listen_on(paths.broker_socket(), SOCK_SEQPACKET, group));
  }
  if (!sockets.api) {  // last: who can connect here finds the others, too
    PHOTON_TRY(sockets.api, listen_on(paths.api_socket(), SOCK_STREAM, group));
  }
  return sockets;
}

namespace {

tl::unexpected<Error> no_tcp(const std::string& address, const std::string& why) {
  return fail(Kind::unavailable, "ssh.listen", fmt::format("SSH cannot listen on {}: {}", address, why),
              "free the port, or: devenv config set ssh.listen ADDRESS:PORT");
}

std::string text_of(int socket) {
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  char host[INET6_ADDRSTRLEN + 20] = "", port[8] = "";
  auto* address = reinterpret_cast<sockaddr*>(&bound);
  ::getsockname(socket, address, &size);
  ::getnameinfo(address, size, host, sizeof host, port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV);
  return fmt::format(fmt::runtime(bound.ss_family == AF_INET6 ? "[{}]:{}" : "{}:{}"), host, port);
}

}  // namespace

Result<TcpSocket> listen_tcp(const std::string& address) {
  auto colon = address.rfind(':');
  auto host = address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  int error = ::getaddrinfo(host.c_str(), address.substr(colon + 1).c_str(), &wanted, &found);
  if (error != 0) return no_tcp(address, ::gai_strerror(error));
  std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, ::freeaddrinfo);
  Fd socket(::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  int yes = 1;
  if (!socket || ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) < 0 ||
      ::bind(socket.get(), found->ai_addr, found->ai_addrlen) < 0 || ::listen(socket.get(), SOMAXCONN) < 0)
    return no_tcp(address, std::generic_category().message(errno));
  auto bound = text_of(socket.get());
  return TcpSocket{std::move(socket), std::move(bound)};
}

void notify(const std::string& state) { ::sd_notify(0, state.c_str()); }

std::chrono::microseconds watchdog() {
  std::uint64_t wanted = 0;
  return std::chrono::microseconds(::sd_watchdog_enabled(0, &wanted) > 0 ? wanted : 0);
}

}  // namespace photon::daemon
