// OpenSSH's ProxyCommand: a connected socket to the gateway, passed over stdout (ProxyUseFdpass), so that no
// byte of the session runs through this process; with a client that cannot do that, the bytes are relayed.
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>

#include "devenv/cli/commands/commands.hpp"

namespace photon::cli {
namespace {

constexpr Positional positionals[] = {{"NAME", "the environment", true, Completes::environments}};
constexpr Example examples[] = {
    {"ssh -o ProxyCommand='devenv ssh-proxy web' -o ProxyUseFdpass=yes web@web.devenv",
     "what ssh-config writes"},
    {"sshfs -o ssh_command=\"ssh -o ProxyCommand='devenv ssh-proxy web'\" web@web.devenv:/ /mnt",
     "bytes are relayed"}};

/// One direction at most once per round; false when it has ended.
Result<bool> pump(int from, int to) {
  std::array<char, 65536> buffer;
  auto count = ::read(from, buffer.data(), buffer.size());
  if (count < 0) return errno == EINTR || errno == EAGAIN;
  if (count == 0) return false;
  PHOTON_CHECK(write_all(to, {buffer.data(), static_cast<std::size_t>(count)}));
  return true;
}

Result<int> relay(int socket) {
  bool sending = true;
  for (;;) {
    pollfd waiting[] = {{socket, POLLIN, 0}, {sending ? 0 : -1, POLLIN, 0}};
    if (::poll(waiting, 2, -1) < 0 && errno != EINTR) return fail_errno("wait", errno);
    if (waiting[1].revents) {
      PHOTON_TRY(sending, pump(0, socket));
      if (!sending) ::shutdown(socket, SHUT_WR);
    }
    if (waiting[0].revents) {
      PHOTON_TRY(bool more, pump(socket, 1));
      if (!more) return 0;
    }
  }
}

/// Whoever comes by SSH wants to be in: what is stopped is started first, told on stderr, for stdout is
/// ssh's.
Result<void> ensure_running(Context& context, client::Client& daemon, const std::string& name) {
  auto broker = daemon.broker();
  if (!broker) return {};
  auto session = broker->session(name);
  if (session || session.error().kind == Kind::unavailable) return {};
  if (session.error().kind != Kind::conflict) return tl::unexpected(session.error());
  Interrupt interrupt;
  PHOTON_TRY(auto paths, user_paths());
  PHOTON_TRY(auto operation, daemon.act(name, "start", client::this_caller(paths)));
  PHOTON_CHECK(follow(context, operation, interrupt));
  return {};
}

Result<int> run(Context& context) {
  PHOTON_TRY(auto* daemon, context.daemon());
  PHOTON_CHECK(ensure_running(context, *daemon, context.arguments.positional(0)));
  PHOTON_TRY(auto socket, connect_unix(daemon->paths().ssh_socket(), SOCK_STREAM));
  struct stat out{};
  if (::fstat(1, &out) == 0 && S_ISSOCK(out.st_mode)) {
    int fds[] = {socket.get()};
    PHOTON_CHECK(send_message(1, std::string_view("\0", 1), fds));
    return 0;
  }
  return relay(socket.get());
}

}  // namespace

extern const Command ssh_proxy_command{
    "ssh-proxy", "connect ssh to an environment (ProxyCommand)", {}, positionals, examples, run, {}, true};

}  // namespace photon::cli
