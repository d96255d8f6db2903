// Runs as an ordinary user: `namespaces_user WHAT RUNTIME …`; exit status 0 and words on stdout, or the
// error.
#include <arpa/inet.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>

#include "devenv/core/fd.hpp"
#include "devenv/engine/namespaces/namespaces.hpp"

using namespace photon;

namespace {

std::string link_of(const char* name) {
  char target[64];
  ssize_t size = ::readlink(fmt::format("/proc/self/ns/{}", name).c_str(), target, sizeof target);
  return std::string(target, size > 0 ? static_cast<std::size_t>(size) : 0);
}

Result<namespaces::Entered> enter(const std::string& runtime) {
  return namespaces::enter(runtime, {"/proc/self/exe", "hold", runtime});
}

Result<void> show(const std::string& runtime) {
  std::string network = link_of("net");
  PHOTON_TRY(auto entered, enter(runtime));
  fmt::print("holder={}\nuser={}\nuid={}\nouter={}\nhub={}\nuserns={}\nmnt={}\nsame_net={}\n", entered.holder,
             entered.user, ::getuid(), entered.outer_uid, entered.hub_namespace, link_of("user"),
             link_of("mnt"), network == link_of("net"));
  return {};
}

Result<void> files(const std::string& runtime) {
  PHOTON_CHECK(enter(runtime));
  std::string path = runtime + "/owned";
  PHOTON_CHECK(write_file(path, "x"));
  if (::chown(path.c_str(), 1000, 1000) < 0) return fail_errno("chown to a mapped id", errno);
  return {};
}

Result<void> overlay(const std::string& runtime) {
  PHOTON_CHECK(enter(runtime));
  for (const char* name : {"lower", "upper", "work", "merged"})
    PHOTON_CHECK(make_directories(runtime + "/" + name));
  PHOTON_CHECK(write_file(runtime + "/lower/below", "from below"));
  std::string data = fmt::format("lowerdir={0}/lower,upperdir={0}/upper,workdir={0}/work", runtime);
  std::string merged = runtime + "/merged";
  if (::mount("overlay", merged.c_str(), "overlay", 0, data.c_str()) < 0)
    return fail_errno("mount an overlay", errno);
  PHOTON_TRY(auto text, read_file(merged + "/below"));
  PHOTON_CHECK(write_file(merged + "/above", "x"));
  ::umount2(merged.c_str(), MNT_DETACH);
  fmt::print("{}\n", text);
  return {};
}

// What a container's runtime does: a pid namespace with a /proc of its own, and a cgroup2 if there is one.
Result<void> proc(const std::string& runtime) {
  PHOTON_CHECK(enter(runtime));
  if (::unshare(CLONE_NEWNS | CLONE_NEWPID) < 0) return fail_errno("make a pid namespace", errno);
  pid_t child = ::fork();
  if (child == 0) {
    bool good = ::mount("proc", "/proc", "proc", 0, nullptr) == 0 && ::access("/proc/1/exe", F_OK) == 0;
    ::_exit(good ? 0 : errno);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  if (WEXITSTATUS(status) != 0) return fail_errno("mount /proc", WEXITSTATUS(status));
  for (const char* folder : {"/run/containerd", "/run/lock"})
    if (::access(folder, W_OK) < 0) return fail_errno(folder, errno);
  if (::access("/sys/fs/cgroup/unified/cgroup.procs", F_OK) == 0)
    return fail(Kind::failed, "test", "the hybrid hierarchy is seen");
  return {};
}

Result<void> problems() {
  for (const auto& error : namespaces::problems()) fmt::print("{} | {}\n", error.message, error.hint);
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  std::string what = argv[1];
  std::string runtime = argv[2];
  if (what == "hold") return namespaces::hold(runtime);
  Result<void> done = fail(Kind::usage, "test", "unknown word " + what);
  if (what == "show") done = show(runtime);
  if (what == "files") done = files(runtime);
  if (what == "overlay") done = overlay(runtime);
  if (what == "proc") done = proc(runtime);
  if (what == "problems") done = problems();
  if (what == "leave") done = namespaces::leave(runtime);
  if (done) return 0;
  fmt::print("{}\n{}\n", done.error().message, done.error().hint);
  return exit_status(done.error().kind);
}
