#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "devenv/core/json.hpp"
#include "devenv/engine/namespaces/namespaces.hpp"
#include "devenv/engine/namespaces/parts.hpp"

namespace photon::namespaces {
namespace {

Result<void> loopback_up() {
  Fd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  std::strncpy(request.ifr_name, "lo", IFNAMSIZ - 1);
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  if (!socket || ::ioctl(socket.get(), SIOCSIFFLAGS, &request) < 0)
    return fail_errno("bring up the loopback", errno);
  return {};
}

Result<void> make_namespaces(const std::string& runtime) {
  unsigned outer_uid = ::getuid();
  if (::unshare(CLONE_NEWUSER) < 0) return tl::unexpected<Error>(user_namespaces_off(errno));
  PHOTON_CHECK(send_message(holder_socket, "map"));
  PHOTON_TRY(auto answer, receive_message(holder_socket));
  if (answer.bytes != "mapped") return fail(Kind::cancelled, "namespaces.starter", "the starter has gone");
  if (::setresgid(0, 0, 0) < 0 || ::setresuid(0, 0, 0) < 0)
    return fail_errno("become root of our namespace", errno);
  // AppArmor may give the user namespace and then none of its rights.
  int refused = ::unshare(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWCGROUP) < 0 ? errno : 0;
  if (refused == EPERM) return tl::unexpected<Error>(user_namespaces_off(refused));
  if (refused != 0) return fail_errno("make namespaces for mounts and network", refused);
  PHOTON_CHECK(prepare_mounts(runtime, outer_uid));
  return loopback_up();
}

// The group of a service may be ended by SIGTERM, a terminal by SIGHUP: only the first is meant for us.
void sleep_until_terminated() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGCHLD);
  while (true) {
    int number = 0;
    if (::sigwait(&set, &number) == 0 && number == SIGTERM) return;
    while (::waitpid(-1, nullptr, WNOHANG) > 0) {
    }
  }
}

}  // namespace

int hold(const std::string& runtime) {
  ::prctl(PR_SET_NAME, "devenv-hold");
  ::umask(022);
  sigset_t set;
  sigfillset(&set);
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
  if (auto made = make_namespaces(runtime); !made) {
    (void)send_message(holder_socket, write_json(to_json(made.error())));
    return exit_status(made.error().kind);
  }
  if (::chdir("/") < 0 || !send_message(holder_socket, "ready")) return exit_status(Kind::failed);
  ::close(holder_socket);
  sleep_until_terminated();
  return 0;
}

}  // namespace photon::namespaces
