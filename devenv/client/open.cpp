// Finding the daemon, and starting the user's own on demand.
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <thread>

#include <sys/socket.h>

#include "devenv/client/client.hpp"
#include "devenv/core/process.hpp"

namespace photon::client {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::string_view suffix = "/api.sock";

bool answers(const Paths& paths) { return connect_unix(paths.api_socket(), SOCK_STREAM).has_value(); }

/// DEVENV_SOCKET names api.sock in a daemon's runtime folder; the broker's socket lies beside it.
Result<Paths> from_variable(std::string socket) {
  if (!socket.ends_with(suffix))
    return fail(Kind::usage, "client.socket",
                fmt::format("DEVENV_SOCKET is {}, which does not end in {}", socket, suffix),
                "set it to the file api.sock in the daemon's runtime folder");
  PHOTON_TRY(auto paths, find_paths(::geteuid() == 0));
  paths.runtime = socket.substr(0, socket.size() - suffix.size());
  return paths;
}

/// What the daemon wrote since it was started.
std::string new_words(const std::string& log, off_t from) {
  auto text = read_file(log).value_or("");
  text.erase(0, std::min(text.size(), static_cast<std::size_t>(from)));
  return text;
}

/// The line that begins at `at`, without its end.
std::string line_at(const std::string& text, std::size_t at) {
  return text.substr(at, text.find('\n', at) - at);
}

/// A daemon that gives up ends with "devenvd: why" and, indented by two, what mends it
/// (devenv/daemon/main.cpp).
tl::unexpected<Error> did_not_start(Kind kind, const std::string& what, const std::string& log, off_t from) {
  constexpr std::string_view mark = "\ndevenvd: ";
  auto words = "\n" + new_words(log, from);
  auto at = words.rfind(mark);
  if (at == std::string::npos) return fail(kind, "client.start", what, "its log is " + log);
  auto why = line_at(words, at + mark.size());
  auto next = words.find('\n', at + 1);
  auto mends =
      next != std::string::npos && words.compare(next, 3, "\n  ") == 0 ? line_at(words, next + 3) : "";
  return fail(kind, "client.start", "the daemon did not start: " + why,
              mends.empty() ? "its log is " + log : mends);
}

/// A daemon that gives up says by its status why; one that fell over is just away.
Kind why_by(int status) {
  auto kind = kind_of_status(status);
  const bool told = kind == Kind::denied || kind == Kind::no_space || kind == Kind::corrupt;
  return told ? *kind : Kind::unavailable;
}

Result<void> wait_for_socket(const Paths& paths, Child& daemon, const std::string& log, off_t from) {
  auto deadline = Clock::now() + std::chrono::seconds(10);
  auto pause = std::chrono::milliseconds(5);
  bool running = true;
  while (!answers(paths)) {
    if (Clock::now() > deadline)
      return did_not_start(Kind::unavailable, "the daemon did not answer within 10 seconds", log, from);
    if (!running) {
      std::this_thread::sleep_for(pause);
    } else {
      PHOTON_TRY(auto status, daemon.wait_for(pause));
      // Status 0 is a daemon that found another one: that one's socket appears.
      if (status && *status != 0)
        return did_not_start(why_by(*status), fmt::format("the daemon ended with status {}", *status), log,
                             from);
      running = !status;
    }
    pause = std::min(pause * 2, std::chrono::milliseconds(10));
  }
  return {};
}

Result<void> start_daemon(const Paths& paths) {
  PHOTON_TRY(auto program, sibling_program("devenvd"));
  PHOTON_CHECK(make_directories(paths.data));
  std::string log = paths.data + "/devenvd.log";
  PHOTON_TRY(auto file, open_fd(log, O_WRONLY | O_CREAT | O_APPEND, 0600));
  constexpr off_t largest = 8 << 20;
  if (::lseek(file.get(), 0, SEEK_END) > largest && ::ftruncate(file.get(), 0) < 0)
    return fail_errno("truncate " + log, errno);
  off_t from = ::lseek(file.get(), 0, SEEK_END);
  Command command{
      .argv = {program}, .directory = "/", .output = file.get(), .error = file.get(), .new_session = true};
  PHOTON_TRY(auto daemon, start(command));
  return wait_for_socket(paths, daemon, log, from);
}

}  // namespace

Result<Client> Client::open(bool start_if_needed) {
  if (const char* socket = std::getenv("DEVENV_SOCKET"); socket && *socket) {
    PHOTON_TRY(auto paths, from_variable(socket));
    return Client(std::move(paths));
  }
  bool root = ::geteuid() == 0;
  PHOTON_TRY(auto own, find_paths(root));
  Client client(std::move(own));
  client.starts_daemon_ = start_if_needed;
  if (answers(client.paths_)) return client;
  if (!root) {
    PHOTON_TRY(auto machine, find_paths(true));
    if (answers(machine)) {
      client.paths_.runtime = machine.runtime;  // config and keys stay the user's own
      client.paths_.data = machine.data;
      return client;
    }
  }
  if (!start_if_needed)
    return fail(Kind::unavailable, "client.no-daemon", "no daemon is running",
                "devenv status starts it, as every command does that needs it");
  PHOTON_CHECK(start_daemon(client.paths_));
  return client;
}

}  // namespace photon::client
