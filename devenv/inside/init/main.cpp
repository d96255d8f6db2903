// devenv-inside init [--socket PATH] [--any-peer] [--user NAME] [--group NAME] [--own PATH] [--drop N]
// [--restart WHEN]
// [--ends] [--signal N] [-- ENTRYPOINT…]: PID 1 of an environment.
#include <fcntl.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "devenv/inside/init/server.hpp"

namespace photon::inside {
namespace {

struct Options {
  std::string socket = "/run/devenv/inside.sock";
  bool any_peer = false;
  Entry entry;
};

void say(std::string_view text) { (void)write_all(2, fmt::format("devenv-inside: {}\n", text)); }

/// An option with a value; false: there is no such one.
bool take(const std::string& name, const std::string& value, Options& options) {
  if (name == "--socket")
    options.socket = value;
  else if (name == "--user")
    options.entry.user = value;
  else if (name == "--group")
    options.entry.groups.push_back(value);
  else if (name == "--own")
    options.entry.own.push_back(value);
  else if (name == "--drop")
    options.entry.drop.push_back(std::atoi(value.c_str()));
  else if (name == "--signal")
    options.entry.signal = std::atoi(value.c_str());
  else
    return name == "--restart" && read_restart(value, options.entry);
  return true;
}

Result<Options> read_arguments(std::vector<std::string> words) {
  Options options;
  if (words.empty() || words[0] != "init")
    return fail(Kind::usage, "inside.usage",
                "usage: devenv-inside init [--socket PATH] [--any-peer] [--user NAME] [-- PROGRAM…]");
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (words[i] == "--") {
      options.entry.argv.assign(words.begin() + static_cast<std::ptrdiff_t>(i) + 1, words.end());
      break;
    }
    if (words[i] == "--any-peer")
      options.any_peer = true;
    else if (words[i] == "--ends")
      options.entry.ends = true;
    else if (i + 1 == words.size() || !take(words[i], words[i + 1], options))
      return fail(Kind::usage, "inside.usage", "unknown argument " + words[i]);
    else
      ++i;
  }
  return options;
}

// A descriptor of ours must never be taken for stdin, stdout or stderr.
void fill_standard_descriptors() {
  int fd = 0;
  while ((fd = ::open("/dev/null", O_RDWR)) >= 0 && fd < 3) continue;
  if (fd >= 3) ::close(fd);
}

// containerd 1.6 closes the log of both when standard output ends: what was last said on the other one is
// lost.
void say_all_through_one() { ::dup2(1, 2); }

Result<Fd> signals() {
  sigset_t set;
  ::sigemptyset(&set);
  for (int number : {SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGPIPE}) ::sigaddset(&set, number);
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
  Fd fd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd) return fail_errno("receive signals", errno);
  return fd;
}

Result<int> serve(int count, char** words) {
  PHOTON_TRY(auto options, read_arguments({words + 1, words + count}));
  fill_standard_descriptors();
  say_all_through_one();
  PHOTON_TRY(Fd events, signals());
  PHOTON_TRY(Fd listener, listen_unix(options.socket, SOCK_SEQPACKET, 0600));
  Server server(std::move(listener), std::move(events), options.any_peer);
  if (auto done = server.start_entry(std::move(options.entry)); !done) say(done.error().message);
  int status = server.run();
  ::unlink(options.socket.c_str());
  return status;
}

}  // namespace
}  // namespace photon::inside

int main(int count, char** words) {
  auto done = photon::inside::serve(count, words);
  if (done) return *done;
  photon::inside::say(done.error().message);
  return photon::exit_status(done.error().kind);
}
