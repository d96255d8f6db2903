#include "devenv/inside/init/requests.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>

namespace photon::inside {

std::optional<Target> target_of_address(const std::string& host, std::uint16_t port) {
  Target target;
  auto* four = reinterpret_cast<sockaddr_in*>(&target.address);
  auto* six = reinterpret_cast<sockaddr_in6*>(&target.address);
  if (::inet_pton(AF_INET, host.c_str(), &four->sin_addr) == 1) {
    four->sin_family = AF_INET;
    four->sin_port = htons(port);
    target.size = sizeof *four;
    return target;
  }
  target.address = {};
  if (::inet_pton(AF_INET6, host.c_str(), &six->sin6_addr) == 1) {
    six->sin6_family = AF_INET6;
    six->sin6_port = htons(port);
    target.size = sizeof *six;
    return target;
  }
  return std::nullopt;
}

namespace {

Result<Target> target_from_path(const std::string& path) {
  Target target;
  auto* name = reinterpret_cast<sockaddr_un*>(&target.address);
  if (path.size() >= sizeof name->sun_path)
    return fail(Kind::usage, "inside.path", "the name of the socket is too long: " + path,
                "use a shorter path");
  name->sun_family = AF_UNIX;
  std::memcpy(name->sun_path, path.c_str(), path.size() + 1);
  target.size = sizeof *name;
  return target;
}

void set_blocking(int fd, bool blocking) {
  int flags = ::fcntl(fd, F_GETFL);
  ::fcntl(fd, F_SETFL, blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK);
}

std::uint16_t bound_port(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) < 0) return 0;
  if (address.ss_family == AF_INET) return ntohs(reinterpret_cast<sockaddr_in*>(&address)->sin_port);
  return ntohs(reinterpret_cast<sockaddr_in6*>(&address)->sin6_port);
}

Result<Listener> listen_at(const Target& target) {
  Fd socket(::socket(target.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket) return fail_errno("make a socket", errno);
  int on = 1;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (target.address.ss_family == AF_INET6)
    ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&target.address), target.size) < 0 ||
      ::listen(socket.get(), 128) < 0)
    return fail_errno("listen in the environment", errno,
                      errno == EADDRINUSE ? Kind::conflict : Kind::failed);
  std::uint16_t port = bound_port(socket.get());
  return Listener{std::move(socket), port};
}

Result<Listener> listen_at_path(const std::string& path, unsigned mode, std::uint32_t uid) {
  PHOTON_TRY(Fd socket, listen_unix(path, SOCK_STREAM, 0600));
  if (::chown(path.c_str(), uid, static_cast<gid_t>(-1)) < 0 || ::chmod(path.c_str(), mode) < 0) {
    int error = errno;
    ::unlink(path.c_str());
    return fail_errno("give " + path + " to its user", error);
  }
  return Listener{std::move(socket), 0};
}

Result<std::uint16_t> port_of(const json::value& request) {
  PHOTON_TRY(auto port, number_member(request, "port"));
  if (port < 0 || port > 65535) return fail(Kind::usage, "inside.port", fmt::format("{} is no port", port));
  return static_cast<std::uint16_t>(port);
}

// "arguments" and "environment" may arrive in pieces: "join" says that the first text continues the last one.
void append(std::vector<std::string>& list, const json::value& message, std::string_view key, bool join) {
  const auto* items = member(message, key);
  if (!items || !items->is_array()) return;
  for (const auto& item : items->get_array()) {
    if (!item.is_string()) continue;
    std::string text(item.get_string().data(), item.get_string().size());
    if (join && !list.empty())
      list.back() += text;
    else
      list.push_back(std::move(text));
    join = false;
  }
}

std::string from_hex(const std::string& text) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    std::uint8_t byte = 0;
    std::from_chars(text.data() + i, text.data() + i + 2, byte, 16);
    bytes += static_cast<char>(byte);
  }
  return bytes;
}

}  // namespace

bool is_metadata(const Target& target) {
  constexpr std::string_view four("\xa9\xfe\xa9\xfe", 4);  // 169.254.169.254
  constexpr std::string_view mapped("\0\0\0\0\0\0\0\0\0\0\xff\xff\xa9\xfe\xa9\xfe", 16);
  constexpr std::string_view six("\xfd\x00\x0e\xc2\0\0\0\0\0\0\0\0\0\0\x02\x54", 16);  // fd00:ec2::254
  const auto* v4 = reinterpret_cast<const sockaddr_in*>(&target.address);
  const auto* v6 = reinterpret_cast<const sockaddr_in6*>(&target.address);
  if (target.address.ss_family == AF_INET)
    return std::string_view(reinterpret_cast<const char*>(&v4->sin_addr), 4) == four;
  if (target.address.ss_family != AF_INET6) return false;
  std::string_view bytes(reinterpret_cast<const char*>(&v6->sin6_addr), 16);
  return bytes == mapped || bytes == six;
}

tl::unexpected<Error> refuse_metadata(const std::string& host) {
  return fail(Kind::denied, "inside.host", fmt::format("{} is not reachable through here", host));
}

Result<std::vector<Target>> targets_of(const json::value& request) {
  if (member(request, "path")) {
    PHOTON_TRY(auto path, text_member(request, "path"));
    PHOTON_TRY(auto target, target_from_path(path));
    return std::vector{target};
  }
  PHOTON_TRY(auto host, text_member(request, "host"));
  PHOTON_TRY(auto port, port_of(request));
  std::vector<Target> targets;
  bool local = host == "localhost" || host.empty();
  if (auto target = target_of_address(local ? "127.0.0.1" : host, port)) {
    if (is_metadata(*target)) return refuse_metadata(host);
    targets.push_back(*target);
  }
  if (auto target = target_of_address("::1", port); local && target) targets.push_back(*target);
  return targets;
}

Result<Fd> begin_connect(const Target& target) {
  Fd socket(::socket(target.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return fail_errno("make a socket", errno);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&target.address), target.size) < 0 &&
      errno != EINPROGRESS)
    return fail_errno("connect in the environment", errno, Kind::unavailable);
  return socket;
}

Result<void> end_connect(int socket) {
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) < 0) error = errno;
  if (error != 0) return fail_errno("connect in the environment", error, Kind::unavailable);
  set_blocking(socket, true);
  return {};
}

Result<Listener> begin_listen(const json::value& request) {
  if (member(request, "path")) {
    PHOTON_TRY(auto path, text_member(request, "path"));
    return listen_at_path(path, static_cast<unsigned>(number_or(request, "mode", 0600)),
                          static_cast<std::uint32_t>(number_or(request, "uid", 0)));
  }
  PHOTON_TRY(auto targets, targets_of(request));
  return listen_at(targets.front());
}

ExecRequest exec_of(const json::value& request) {
  ExecRequest exec;
  extend(exec, request);
  exec.cwd = text_or(request, "cwd");
  exec.strict_cwd = flag_or(request, "strict_cwd");
  exec.give_stdio = flag_or(request, "give_stdio");
  exec.user = text_or(request, "user");
  if (member(request, "uid"))
    exec.user = fmt::format("{}:{}", number_or(request, "uid"), number_or(request, "gid"));
  exec.detach = flag_or(request, "detach");
  exec.tied = flag_or(request, "tied");
  if (const auto* tty = member(request, "tty"); tty && tty->is_object())
    exec.tty =
        Tty{static_cast<std::uint16_t>(number_or(*tty, "rows", 24)),
            static_cast<std::uint16_t>(number_or(*tty, "columns", 80)), from_hex(text_or(*tty, "modes"))};
  return exec;
}

void extend(ExecRequest& request, const json::value& more) {
  bool join = flag_or(more, "join");
  append(request.argv, more, "argv", join);
  append(request.env, more, "env", join);
}

json::value to_json(const User& user) {
  json::array groups;
  for (auto group : user.groups) groups.emplace_back(group);
  return {{"uid", user.uid},   {"gid", user.gid},   {"groups", std::move(groups)},
          {"name", user.name}, {"home", user.home}, {"shell", user.shell}};
}

}  // namespace photon::inside
