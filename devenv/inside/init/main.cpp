// devenv-inside init [--socket PATH] [--any-peer] [--user NAME] [-- ENTRYPOINT…]: PID 1 of an environment.
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
  std::string user;  ///< of the entrypoint; "" = root
  std::vector<std::string> entrypoint;
};

void say(std::string_view text) { (void)write_all(2, fmt::format("devenv-inside: {}\n", text)); }

Result<Options> read_arguments(std::vector<std::string> words) {
  Options options;
  if (words.empty() || words[0] != "init")
    return fail(Kind::usage, "inside.usage",
                "usage: devenv-inside init [--socket PATH] [--any-peer] [--user NAME] [-- PROGRAM…]");
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (words[i] == "--") {
      options.entrypoint.assign(words.begin() + static_cast<std::ptrdiff_t>(i) + 1, words.end());
      break;
    }
    if (words[i] == "--any-peer")
      options.any_peer = true;
    else if (words[i] == "--socket" && i + 1 < words.size())
      options.socket = words[++i];
    else if (words[i] == "--user" && i + 1 < words.size())
      options.user = words[++i];
    else
      return fail(Kind::usage, "inside.usage", "unknown argument " + words[i]);
  }
  return options;
}

// A descriptor of ours must never be taken for stdin, stdout or stderr.
void fill_standard_descriptors() {
  int fd = 0;
  while ((fd = ::open("/dev/null", O_RDWR)) >= 0 && fd < 3) continue;
  if (fd >= 3) ::close(fd);
}

Result<Fd> signals() {
  sigset_t set;
  ::sigemptyset(&set);
  for (int number : {SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGPIPE}) ::sigaddset(&set, number);
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
  Fd fd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd) return fail_errno("receive signals", errno);
  return fd;
}

Result<void> serve(int count, char** words) {
  PHOTON_TRY(auto options, read_arguments({words + 1, words + count}));
  fill_standard_descriptors();
  PHOTON_TRY(Fd events, signals());
  PHOTON_TRY(Fd listener, listen_unix(options.socket, SOCK_SEQPACKET, 0600));
  Server server(std::move(listener), std::move(events), options.any_peer);
  if (!options.entrypoint.empty())
    if (auto done = server.start_entrypoint(options.entrypoint, options.user); !done)
      say(done.error().message);
  server.run();
  ::unlink(options.socket.c_str());
  return {};
}

}  // namespace
}  // namespace photon::inside

int main(int count, char** words) {
  auto done = photon::inside::serve(count, words);
  if (done) return 0;
  photon::inside::say(done.error().message);
  return photon::exit_status(done.error().kind);
}
