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
#include <cstdlib>

#include "devenv/core/fd.hpp"
#include "devenv/core/process.hpp"
#include "devenv/engine/namespaces/namespaces.hpp"
#include "devenv/engine/network/netns.hpp"
#include "devenv/engine/network/network.hpp"

/// Under AddressSanitizer: the search for leaks starts a thread, which nobody can in a pid namespace whose
/// init has ended.
extern "C" const char* __asan_default_options() { return "detect_leaks=0"; }

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

// Whether a process of the environment reaches `address`, which is outside of the hub.
Result<void> connect_from(const std::string& netns, const char* address, int port) {
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(static_cast<std::uint16_t>(port));
  ::inet_pton(AF_INET, address, &name.sin_addr);
  PHOTON_TRY(Fd where, network::open_netns(netns));
  return network::in_netns(where.get(), [&]() -> Result<void> {
    Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    timeval limit{.tv_sec = 3, .tv_usec = 0};
    ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    if (::connect(socket.get(), reinterpret_cast<sockaddr*>(&name), sizeof name) < 0)
      return fail_errno(fmt::format("connect to {}", address), errno);
    // A forwarder may take a connection before it has one itself: only the server's word counts.
    char word[16] = {};
    ssize_t got = ::read(socket.get(), word, sizeof word - 1);
    fmt::print("heard={}\n", got > 0 ? word : "nothing");
    return {};
  });
}

Result<void> network_of_user(const std::string& runtime, const char* address, int port) {
  PHOTON_TRY(auto entered, enter(runtime));
  PHOTON_TRY(auto opened, network::Network::open(
                              {.folder = runtime + "/network", .hub_namespace = entered.hub_namespace}));
  PHOTON_TRY(auto one, opened->attach("one"));
  PHOTON_TRY(auto resolv, opened->resolv_conf());
  fmt::print("address={}\nproblem={}\nuplink={}\n", one.address, opened->outbound_problem(),
             read_file(runtime + "/network/uplink").value_or("none"));
  PHOTON_TRY(auto attachments, opened->list());
  for (const auto& attachment : attachments) fmt::print("listed={}\n", attachment.id);
  return address ? connect_from(one.netns, address, port) : Result<void>();
}

// The machine's own network, in which we have no rights: as on a machine that gives no bridge and no veth.
Result<void> restricted(const std::string& runtime) {
  PHOTON_CHECK(enter(runtime));
  PHOTON_TRY(auto opened,
             network::Network::open({.folder = runtime + "/network", .hub_namespace = "/proc/self/ns/net"}));
  PHOTON_TRY(auto one, opened->attach("one"));
  PHOTON_TRY(auto again, opened->attach("one"));
  PHOTON_TRY(Fd where, network::open_netns(one.netns));
  PHOTON_CHECK(network::in_netns(where.get(), []() -> Result<void> {
    PHOTON_TRY(auto flags, read_file("/proc/net/fib_trie"));
    fmt::print("loopback={}\n", flags.find("127.0.0.1") != std::string::npos);
    return {};
  }));
  fmt::print("address={}\nproblem={}\nsame={}\n", one.address, opened->outbound_problem(),
             one.netns == again.netns);
  return opened->shut_down();
}

// A container by the real runtime, in the network of an environment: what containerd's shim would ask of it.
Result<void> container(const std::string& runtime, const std::string& crun) {
  PHOTON_TRY(auto entered, enter(runtime));
  PHOTON_TRY(auto opened, network::Network::open(
                              {.folder = runtime + "/network", .hub_namespace = entered.hub_namespace}));
  PHOTON_TRY(auto one, opened->attach("one"));
  for (const char* folder :
       {"/bundle/rootfs/proc", "/bundle/rootfs/usr", "/bundle/rootfs/etc", "/bundle/rootfs/dev"})
    PHOTON_CHECK(make_directories(runtime + folder, 0755));
  for (const char* name : {"bin", "lib", "lib64"})
    if (::symlink(fmt::format("usr/{}", name).c_str(),
                  fmt::format("{}/bundle/rootfs/{}", runtime, name).c_str()) < 0)
      return fail_errno("make a link", errno);
  std::string spec = fmt::format(
      R"({{"ociVersion":"1.0.2","root":{{"path":"rootfs"}},"process":{{"cwd":"/","user":{{"uid":1000,"gid":1000}},)"
      R"("args":["/bin/sh","-c","id -u; cat /proc/1/comm; cat /proc/net/fib_trie"],"env":["PATH=/usr/bin"]}},)"
      R"("mounts":[{{"destination":"/proc","type":"proc","source":"proc"}},)"
      R"({{"destination":"/usr","type":"bind","source":"/usr","options":["rbind","ro"]}},)"
      R"({{"destination":"/dev","type":"tmpfs","source":"tmpfs"}}],)"
      R"("linux":{{"namespaces":[{{"type":"pid"}},{{"type":"mount"}},{{"type":"ipc"}},{{"type":"uts"}},)"
      R"({{"type":"network","path":"{}"}}]}}}})",
      one.netns);
  PHOTON_CHECK(write_file(runtime + "/bundle/config.json", spec));
  PHOTON_TRY(auto output, run(Command{.argv = {crun, "--root", runtime + "/state", "run", "--bundle",
                                               runtime + "/bundle", fmt::format("hub-{}", ::getpid())}}));
  fmt::print("{}{}\n", output.out, output.err);
  fmt::print("status={}\naddress={}\n", output.status, one.address);
  return opened->shut_down();
}

Result<void> end_network(const std::string& runtime) {
  PHOTON_TRY(auto entered, enter(runtime));
  PHOTON_TRY(auto opened, network::Network::open(
                              {.folder = runtime + "/network", .hub_namespace = entered.hub_namespace}));
  return opened->shut_down();
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
  if (what == "network")
    done = network_of_user(runtime, argc > 4 ? argv[3] : nullptr, argc > 4 ? std::atoi(argv[4]) : 0);
  if (what == "restricted") done = restricted(runtime);
  if (what == "container") done = container(runtime, argc > 3 ? argv[3] : "");
  if (what == "end-network") done = end_network(runtime);
  if (what == "problems") done = problems();
  if (what == "leave") done = namespaces::leave(runtime);
  if (done) return 0;
  fmt::print("{}\n{}\n", done.error().message, done.error().hint);
  return exit_status(done.error().kind);
}
