#include "devenv/engine/containerd/private_daemon.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "devenv/core/derived.hpp"
#include "devenv/core/fd.hpp"
#include "devenv/core/mounts.hpp"
#include "devenv/core/name.hpp"
#include "devenv/core/process.hpp"
#include "devenv/core/text.hpp"

namespace photon::engine {
namespace {

using namespace std::chrono_literals;

constexpr auto start_limit = 15s;
constexpr auto stop_limit = 2s;
constexpr std::uint64_t log_limit = 4 << 20;

/// One version-2 file for 1.6, 1.7 and 2.x. runtime.v1.linux stays on: without it 1.6 serves no tasks at all.
/// "opt" would make /opt/containerd; CRI and NRI would open sockets outside of our folders.
constexpr std::string_view disabled =
    R"("io.containerd.grpc.v1.cri", "io.containerd.cri.v1.images", "io.containerd.cri.v1.runtime", )"
    R"("io.containerd.nri.v1.nri", "io.containerd.internal.v1.opt", "io.containerd.snapshotter.v1.aufs", )"
    R"("io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper", )"
    R"("io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.blockfile")";

/// Between fork and exec: system calls alone, because other threads of ours may hold any lock.
[[noreturn]] void become(char* const* argv, int log, int null, bool own_mounts) {
  ::setsid();
  if (own_mounts && ::unshare(CLONE_NEWNS) == 0) {
    // Mounts that the machine makes later still come in; ours do not go out.
    // What fails here, the runtime reports when it makes a container.
    [[maybe_unused]] int error = part_mounts(MS_SLAVE);
    // crun refuses a machine that has both versions of cgroups: containers see the first alone.
    ::umount2("/sys/fs/cgroup/unified", MNT_DETACH);
  }
  ::dup2(null, 0);
  ::dup2(log, 1);
  ::dup2(log, 2);
  ::syscall(SYS_close_range, 3U, ~0U, 0U);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::execv(argv[0], argv);
  ::_exit(127);
}

std::uint64_t size_of(int fd) {
  struct stat info{};
  return ::fstat(fd, &info) == 0 ? static_cast<std::uint64_t>(info.st_size) : 0;
}

}  // namespace

bool PrivateDaemon::listening() const {
  // Closed again at once: a connection that stays silent keeps containerd from ending for two minutes.
  return static_cast<bool>(connect_unix(socket(), SOCK_STREAM));
}

Result<std::string> PrivateDaemon::write_config() const {
  PHOTON_CHECK(make_directories(root_, 0711));
  PHOTON_CHECK(make_directories(state_, 0711));
  const std::string path = state_ + "/containerd.toml";
  PHOTON_CHECK(write_derived(
      path, fmt::format("version = 2\nroot = {}\nstate = {}\ndisabled_plugins = [{}]\n\n"
                        "[grpc]\naddress = {}\n\n[debug]\nlevel = \"warn\"\n",
                        toml_text(root_), toml_text(state_ + "/state"), disabled, toml_text(socket()))));
  return path;
}

Result<void> PrivateDaemon::start() {
  if (socket().size() > 100)
    return fail(Kind::usage, "engine.path", fmt::format("the path {} is too long for a socket", socket()),
                "set XDG_RUNTIME_DIR or DEVENV_HOME to a shorter one");
  const auto program = find_program("containerd");
  if (!program)
    return fail(Kind::unavailable, "engine.missing", "containerd is not installed",
                "apt install containerd crun");
  PHOTON_TRY(const std::string config, write_config());
  PHOTON_TRY(const Fd log, open_fd(state_ + "/containerd.log", O_WRONLY | O_CREAT | O_APPEND, 0600));
  PHOTON_TRY(const Fd null, open_fd("/dev/null", O_RDWR));
  if (size_of(log.get()) > log_limit && ::ftruncate(log.get(), 0) != 0)
    return fail_errno("shorten the log", errno);
  reap();
  log_from_ = size_of(log.get());
  std::string words[] = {*program, "--config", config};
  char* argv[] = {words[0].data(), words[1].data(), words[2].data(), nullptr};
  const bool own_mounts = !in_user_namespace_ && ::geteuid() == 0;
  child_ = ::fork();
  if (child_ < 0) return fail_errno("start containerd", errno);
  if (child_ == 0) become(argv, log.get(), null.get(), own_mounts);
  return wait_until_listening();
}

Result<void> PrivateDaemon::wait_until_listening() {
  const auto end = std::chrono::steady_clock::now() + start_limit;
  for (auto pause = 2ms; std::chrono::steady_clock::now() < end; pause = std::min(pause * 2, 8ms)) {
    if (listening()) return {};
    std::this_thread::sleep_for(pause);
    reap();
    if (child_ < 0) break;
  }
  return not_started();
}

tl::unexpected<Error> PrivateDaemon::not_started() const {
  return fail(Kind::unavailable, "engine.start", fmt::format("containerd did not start: {}", last_words()),
              fmt::format("its log is {}/containerd.log", state_));
}

Error PrivateDaemon::useless() {
  (void)stop();
  return not_started().value();
}

std::string PrivateDaemon::last_words() const {
  auto text = read_file(state_ + "/containerd.log");
  if (!text || text->size() <= log_from_) return "it wrote nothing";
  while (!text->empty() && (text->back() == '\n' || text->back() == '.')) text->pop_back();
  const auto at = text->rfind('\n');
  return shown(at == std::string::npos ? *text : text->substr(at + 1), 300);
}

void PrivateDaemon::reap() {
  if (child_ > 0 && ::waitpid(child_, nullptr, WNOHANG) != 0) child_ = -1;
}

Result<void> PrivateDaemon::stop() {
  pid_t pid = -1;
  {
    // Who made the socket listen is known to the kernel, whether this process started it or one before us.
    auto link = connect_unix(socket(), SOCK_STREAM);
    if (!link) {
      reap();
      return {};
    }
    PHOTON_TRY(const Peer peer, peer_of(link->get()));
    pid = peer.pid;
  }
  if (pid <= 1)
    return fail(Kind::failed, "engine.stop", "containerd runs where we cannot see it", "stop it by hand");
  const Fd process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!process) return {};
  for (const int number : {SIGTERM, SIGKILL}) {
    ::syscall(SYS_pidfd_send_signal, process.get(), number, nullptr, 0);
    pollfd ended{process.get(), POLLIN, 0};
    const auto limit = std::chrono::duration_cast<std::chrono::milliseconds>(stop_limit).count();
    if (::poll(&ended, 1, static_cast<int>(limit)) > 0) break;
  }
  reap();
  ::unlink(socket().c_str());
  return {};
}

}  // namespace photon::engine
