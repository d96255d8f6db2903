// What the loop of PID 1 does about the container's own program.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "devenv/inside/init/server.hpp"
#include "devenv/inside/init/spawn.hpp"

namespace photon::inside {

using Clock = std::chrono::steady_clock;

Result<void> Server::start_entry(Entry entry) {
  entry_ = std::move(entry);
  if (entry_.argv.empty()) return {};
  auto done = give_mounts(entry_);
  if (done) done = start_again();
  if (done || !entry_.ends) return done;
  entry_.status = 127;  // as a shell has it
  stopping_ = true;
  return done;
}

Result<void> Server::start_again() {
  ExecRequest request;
  request.argv = entry_.argv;
  request.user = entry_.user;
  request.groups = entry_.groups;
  request.drop = entry_.drop;
  for (char** item = environ; *item != nullptr; ++item) request.env.emplace_back(*item);
  request.cwd = std::filesystem::current_path().string();
  std::vector<Fd> stdio;
  for (int i = 0; i < 3; ++i) {
    PHOTON_TRY(Fd copy, duplicate(i));
    stdio.push_back(std::move(copy));
  }
  PHOTON_TRY(auto spawned, spawn(request, stdio));
  StartFault fault{};
  if (::read(spawned.starting.get(), &fault, sizeof fault) == static_cast<ssize_t>(sizeof fault))
    return fail_errno("run " + entry_.argv[0], fault.error);
  entry_.pid = spawned.pid;
  entry_.started = Clock::now();
  auto connection = std::make_unique<Connection>();
  connection->pid = spawned.pid;
  connection->detach = true;
  connections_.push_back(std::move(connection));
  return {};
}

void Server::entry_ended(int status) {
  entry_.pid = 0;
  entry_.status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  auto now = Clock::now();
  if (leaving_) {
    stopping_ = true;
  } else if (auto wait = wait_before_restart(entry_, now)) {
    restart_at_ = now + *wait;
  } else if (entry_.ends) {
    stopping_ = true;
  }
}

void Server::told_to_end() {
  leaving_ = true;
  restart_at_.reset();
  // Whoever has told us sends SIGKILL in the end.
  if (entry_.signal != 0 && entry_.pid > 0)
    ::kill(entry_.pid, entry_.signal);
  else
    stopping_ = true;
}

int Server::until_restart() const {
  if (!restart_at_) return -1;
  auto left = std::chrono::ceil<std::chrono::milliseconds>(*restart_at_ - Clock::now()).count();
  return static_cast<int>(std::max<std::int64_t>(left, 0));
}

void Server::restart_entry() {
  if (!restart_at_ || Clock::now() < *restart_at_) return;
  restart_at_.reset();
  if (start_again()) return;
  entry_ended(127 << 8);
}

}  // namespace photon::inside
