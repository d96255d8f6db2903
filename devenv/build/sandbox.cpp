#include "devenv/build/sandbox.hpp"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "devenv/core/process.hpp"

namespace photon::build {
namespace {

constexpr std::size_t longest_line = 64 << 10;
constexpr int context_fd = 3;  ///< mounts of another namespace cannot be bound: it is the path's witness

/// Devices come by name alone. What root could do harm by is read-only, but for the control groups that RUN
/// is put into; root of a user's namespaces could not write there anyway. crun takes no machine with both
/// versions of control groups: it sees the first alone.
constexpr const char* script = R"(set -e
real=$1 root=$2 storage=$3 scratch=$4 network=$5 context=$6
shift 6
shut() {
  [ "$real" = yes ] || return 0
  while read -r _ _ _ _ at _; do
    case $at in "$root/$1"|"$root/$1"/*) mount -o remount,bind,ro "$at" ;; esac
  done </proc/self/mountinfo
  [ ! -w "$1" ]
}
mount -t tmpfs -o mode=0755 tmpfs "$root"
cd "$root"
mkdir -p usr etc/ssl proc sys dev run tmp var/tmp root storage scratch context old
for name in bin sbin lib lib32 lib64 libx32; do
  if [ -L "/$name" ]; then cp -P "/$name" "$name"
  elif [ -d "/$name" ]; then mkdir "$name"; mount --rbind "/$name" "$name"; shut "$name"; fi
done
for name in usr etc/ssl; do
  if [ -d "/$name" ]; then mount --rbind "/$name" "$name"; shut "$name"; fi
done
for name in passwd group nsswitch.conf hosts resolv.conf ld.so.cache; do
  if [ -e "/etc/$name" ]; then cp -L "/etc/$name" "etc/$name"; fi
done
mount --rbind /sys sys
umount -l sys/fs/cgroup/unified 2>/dev/null || :
[ "$real" != yes ] || mount -o remount,bind,ro sys
for name in null zero full random urandom tty; do
  : >"dev/$name"
  mount --bind "/dev/$name" "dev/$name"
done
ln -s /proc/self/fd dev/fd
mount --bind "$storage" storage
mount --bind "$scratch" scratch
if [ -n "$context" ]; then
  mount -c --rbind "$context" context
  [ context -ef /proc/self/fd/3 ] || { echo "the context's folder has been replaced"; exit 1; }
  mount -o remount,bind,ro context 2>/dev/null || [ "$real" != yes ]
fi
: >network
[ -z "$network" ] || mount --bind "$network" network
mount -t proc proc proc
if [ "$real" = yes ]; then
  for name in sys irq bus fs sysrq-trigger; do
    [ -e "proc/$name" ] || continue
    mount --bind "proc/$name" "proc/$name"
    mount -o remount,bind,ro "proc/$name"
  done
fi
pivot_root . old
umount -l old
rmdir old
cd /
if [ ! -e storage/driver ]; then
  mkdir -p storage/probe/lower storage/probe/upper storage/probe/work storage/probe/whole
  driver=vfs
  if mount -t overlay -o lowerdir=storage/probe/lower,upperdir=storage/probe/upper,workdir=storage/probe/work \
    overlay storage/probe/whole 2>/dev/null; then driver=overlay; umount storage/probe/whole; fi
  rm -rf storage/probe
  echo "$driver" >storage/driver
fi
read -r driver <storage/driver
program=$1
shift
exec 3<&-
exec "$program" --storage-driver="$driver" "$@"
)";

/// Whole lines as they come.
class Lines {
 public:
  explicit Lines(const std::function<void(std::string_view)>& line) : line_(line) {}
  void take(std::string_view bytes) {
    rest_.append(bytes);
    std::size_t begin = 0;
    for (std::size_t end = 0; (end = rest_.find('\n', begin)) != rest_.npos; begin = end + 1)
      line_(std::string_view(rest_).substr(begin, end - begin));
    rest_.erase(0, begin);
    if (rest_.size() > longest_line) end();
  }
  void end() {
    if (!rest_.empty()) line_(rest_);
    rest_.clear();
  }

 private:
  const std::function<void(std::string_view)>& line_;
  std::string rest_;
};

/// Until all that could write have ended; false: given up before.
bool read_all_lines(int fd, Lines& lines, const std::function<bool()>& give_up) {
  std::string buffer(64 << 10, '\0');
  while (!give_up()) {
    pollfd waiting{fd, POLLIN, 0};
    if (::poll(&waiting, 1, 50) <= 0) continue;
    ssize_t got = ::read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) {
      lines.end();
      return true;
    }
    lines.take({buffer.data(), static_cast<std::size_t>(got)});
  }
  return false;
}

/// Where an open folder lies; "" of none.
Result<std::string> path_of(int fd) {
  if (fd < 0) return std::string();
  std::error_code error;
  auto path = std::filesystem::read_symlink(fmt::format("/proc/self/fd/{}", fd), error);
  if (error) return fail_errno("find the build's context", error.value());
  return path.string();
}

}  // namespace

Result<int> run_in(const Sandbox& sandbox, std::vector<std::string> argv,
                   std::map<std::string, std::string> environment,
                   const std::function<void(std::string_view)>& line, const std::stop_token& stop) {
  PHOTON_TRY(auto context, path_of(sandbox.context));
  auto root = sandbox.scratch + "/root";
  PHOTON_CHECK(make_directories(root));
  environment["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  environment["LC_ALL"] = "C.UTF-8";
  Command command{.argv = {"unshare", "--pid", "--ipc", "--uts", "--fork", "--kill-child", "--",
                           "/bin/sh", "-c", script, "sandbox", sandbox.machine_root ? "yes" : "no", root,
                           sandbox.storage, sandbox.scratch, sandbox.network, context}};
  command.argv.insert(command.argv.end(), std::make_move_iterator(argv.begin()),
                      std::make_move_iterator(argv.end()));
  command.environment = std::move(environment);
  command.directory = "/";
  command.dies_with_us = command.new_session = command.own_mounts = true;
  if (sandbox.context >= 0) command.pass = {{sandbox.context, context_fd}};
  PHOTON_TRY(auto output, make_pipe());
  command.output = command.error = output.second.get();
  PHOTON_TRY(auto child, start(command));
  output.second.reset();
  Lines lines(line);
  bool ended = read_all_lines(output.first.get(), lines, [&stop] { return stop.stop_requested(); });
  if (!ended) {
    (void)child.signal(SIGKILL);
    // The last of them lets go of the pipe.
    auto late = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    (void)read_all_lines(output.first.get(), lines,
                         [late] { return std::chrono::steady_clock::now() > late; });
  }
  PHOTON_TRY(int status, child.wait());
  if (!ended) return cancelled();
  return status;
}

}  // namespace photon::build
