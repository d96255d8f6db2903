#include "devenv/engine/network/uplink.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "devenv/core/process.hpp"
#include "devenv/engine/network/network.hpp"

namespace photon::network {
namespace {

unsigned long long hub_number(const std::string& hub) {
  struct stat status{};
  return ::stat(hub.c_str(), &status) == 0 ? status.st_ino : 0;
}

std::string name_of(pid_t pid) {
  auto name = read_file(fmt::format("/proc/{}/comm", pid), 4096);
  return name ? name->substr(0, name->find('\n')) : std::string();
}

// pasta runs as the variant of passt that suits the processor.
bool is_ours(std::string_view name) {
  return name.starts_with("pasta") || name.starts_with("passt") || name.starts_with("slirp4netns");
}

struct Running {
  Fd pidfd;
  unsigned long long hub = 0;
};

// A pid used again is told by its name: neither of the two is ever renamed by us.
Running find_running(const std::string& record) {
  Running found;
  auto text = read_file(record, 4096);
  int pid = 0;
  if (!text || std::sscanf(text->c_str(), "%d %llu", &pid, &found.hub) != 2 || pid <= 1) return found;
  Fd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  auto name = name_of(pid);
  if (!pidfd || !is_ours(name)) return found;
  pollfd ended{pidfd.get(), POLLIN, 0};
  if (::poll(&ended, 1, 0) == 0) found.pidfd = std::move(pidfd);
  return found;
}

std::string last_line(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text.substr(text.rfind('\n') + 1);
}

Result<void> check_tun() {
  Fd tun(::open("/dev/net/tun", O_RDWR | O_CLOEXEC));
  if (tun) return {};
  if (errno == ENOENT)
    return fail(Kind::unavailable, "network.tun", "/dev/net/tun is missing", "sudo modprobe tun");
  return fail(Kind::denied, "network.tun",
              fmt::format("/dev/net/tun cannot be opened: {}", std::strerror(errno)),
              "sudo chmod 0666 /dev/net/tun (udev does so on most machines)");
}

}  // namespace

Result<void> uplink_usable() {
  PHOTON_CHECK(check_tun());
  if (find_program("pasta") || find_program("slirp4netns")) return {};
  return fail(Kind::unavailable, "network.uplink", "neither pasta nor slirp4netns is installed",
              "sudo apt install passt");
}

bool Uplink::running() const {
  auto found = find_running(record());
  return found.pidfd && found.hub == hub_number(hub_);
}

Result<void> Uplink::note(pid_t pid) const {
  return write_file(record(), fmt::format("{} {}\n", pid, hub_number(hub_)));
}

Result<void> Uplink::open() {
  if (running()) return {};
  PHOTON_CHECK(close());
  PHOTON_CHECK(uplink_usable());
  bool pasta = find_program("pasta").has_value();
  bool slirp = find_program("slirp4netns").has_value();
  Result<void> done;
  if (pasta) done = start_pasta();
  // pasta copies the machine's interface and needs a default route for it; slirp4netns does without.
  if (slirp && (!pasta || !done)) done = start_slirp();
  return done;
}

Result<void> Uplink::close() {
  auto found = find_running(record());
  if (found.pidfd) {
    pollfd ended{found.pidfd.get(), POLLIN, 0};
    for (int number : {SIGTERM, SIGKILL}) {
      ::syscall(SYS_pidfd_send_signal, found.pidfd.get(), number, nullptr, 0);
      if (::poll(&ended, 1, 1000) > 0) break;
    }
  }
  if (::unlink(record().c_str()) < 0 && errno != ENOENT) return fail_errno("remove " + record(), errno);
  return {};
}

// In /tmp where that can be, because the AppArmor profile lets pasta write nowhere below /run.
Result<void> Uplink::start_pasta() {
  std::string folder = "/tmp/devenv-uplink-XXXXXX";
  if (!::mkdtemp(folder.data())) {
    folder = folder_ + "/uplink-XXXXXX";
    if (!::mkdtemp(folder.data())) return fail_errno("make a folder for the pid of pasta", errno);
  }
  std::string pid_file = folder + "/pid";
  auto done = start_pasta_with(pid_file);
  ::unlink(pid_file.c_str());
  ::rmdir(folder.c_str());
  return done;
}

// No port of the environments is opened on the machine, and the machine's own loopback is not reached from
// them: both are pasta's habits without these options.
Result<void> Uplink::start_pasta_with(const std::string& pid_file) {
  Command command{
      .argv = {
          "pasta",         "--quiet",       "--config-net", "--ipv4-only", "--no-map-gw", "--no-netns-quit",
          "--address",     "10.0.2.100",    "--netmask",    "24",          "--gateway",   "10.0.2.2",
          "--dns-forward", uplink_resolver, "--ns-ifname",  "tap0",        "--tcp-ports", "none",
          "--udp-ports",   "none",          "--tcp-ns",     "none",        "--udp-ns",    "none",
          "--pid",         pid_file,        "--netns",      hub_}};
  command.new_session = true;
  PHOTON_TRY(auto output, run(std::move(command), {}, std::chrono::seconds(10)));
  auto pid = read_file(pid_file, 64);
  if (output.status != 0 || !pid)
    return fail(Kind::unavailable, "network.uplink",
                fmt::format("pasta does not start: {}", last_line(output.err)),
                "sudo apt install slirp4netns gives another way out");
  return note(std::atoi(pid->c_str()));
}

Result<void> Uplink::start_slirp() {
  PHOTON_TRY(auto ready, make_pipe());
  PHOTON_TRY(Fd said, open_fd(folder_ + "/slirp4netns.log", O_RDWR | O_CREAT | O_TRUNC));
  Command command{.argv = {"slirp4netns", "--configure", "--mtu=65520", "--disable-host-loopback",
                           "--ready-fd=3", "--netns-type=path", hub_, "tap0"}};
  command.pass = {{ready.second.get(), 3}};
  command.error = said.get();
  command.new_session = true;
  PHOTON_TRY(Child child, start(command));
  ready.second.reset();
  pollfd waiting{ready.first.get(), POLLIN, 0};
  char byte = 0;
  if (::poll(&waiting, 1, 5000) > 0 && ::read(ready.first.get(), &byte, 1) == 1) return note(child.pid());
  (void)child.stop(std::chrono::milliseconds(100));
  auto words = read_file(folder_ + "/slirp4netns.log", 1 << 16);
  return fail(Kind::unavailable, "network.uplink",
              fmt::format("slirp4netns does not start: {}", words ? last_line(*words) : ""),
              "sudo apt install passt");
}

}  // namespace photon::network
