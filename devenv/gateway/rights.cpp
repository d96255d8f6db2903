#include "devenv/gateway/rights.hpp"

#include <grp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>

#include "devenv/core/fd.hpp"
#include "devenv/gateway/sandbox.hpp"

namespace photon::gateway {
namespace {

constexpr unsigned nobody = 65534;
constexpr rlim_t most_fds = 1024;

// Root of a user namespace is an ordinary user outside, and may not have nobody's id mapped.
bool real_root() {
  if (::geteuid() != 0) return false;
  auto map = read_file("/proc/self/uid_map").value_or("");
  return map.find("4294967295") != std::string::npos;
}

Result<void> become_nobody() {
  if (::setgroups(0, nullptr) < 0 || ::setresgid(nobody, nobody, nobody) < 0 ||
      ::setresuid(nobody, nobody, nobody) < 0)
    return fail_errno("become nobody", errno);
  return {};
}

}  // namespace

Result<void> drop_rights() {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max = std::min(files.rlim_max, most_fds);
  rlimit none{0, 0};
  if (::setrlimit(RLIMIT_NOFILE, &files) < 0 || ::setrlimit(RLIMIT_CORE, &none) < 0)
    return fail_errno("bound the gateway", errno);
  if (real_root()) PHOTON_CHECK(become_nobody());
  // After the change of user, which sets it back. The host key is in our memory: nobody may look into it.
  if (::prctl(PR_SET_DUMPABLE, 0) < 0 || ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
    return fail_errno("shut the gateway off", errno);
  return enter_sandbox();
}

}  // namespace photon::gateway
