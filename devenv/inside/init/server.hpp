// The loop of PID 1: requests from outside, the end of processes, orphans, and the end of the environment.
#pragma once
#include <sys/types.h>

#include "devenv/core/json.hpp"
#include "devenv/inside/init/entry.hpp"
#include "devenv/inside/init/requests.hpp"

namespace photon::inside {

class Server {
 public:
  /// `any_peer`: for tests, in which the client shares our pid namespace.
  Server(Fd listener, Fd signals, bool any_peer)
      : listener_(std::move(listener)), signals_(std::move(signals)), any_peer_(any_peer) {}
  /// Until SIGTERM or SIGINT, or the end of an entry that the container ends with; then all processes are
  /// ended. Gives the exit status.
  int run();
  Result<void> start_entry(Entry entry);

 private:
  struct Connection {
    Fd socket;  ///< none: a detached process whose client has gone
    std::optional<ExecRequest> partial{};
    std::vector<Fd> stdio{};
    Fd starting{};  ///< while the child has not run its program
    pid_t pid = 0;
    Fd master{};
    bool detach = false;
    bool tied = false;
    bool by_name = false;           ///< pid is a process that looks a name up
    std::vector<Target> targets{};  ///< still to be tried
    Fd reaching{};                  ///< a connect that has begun
    bool done = false;
  };

  void step();
  void take_connection();
  void take_signals();
  void reap();
  void ended(pid_t pid, int status);
  void receive(Connection& connection);
  void handle(Connection& connection, const json::value& request, std::vector<Fd> fds);
  void handle_exec(Connection& connection, const json::value& request, std::vector<Fd> fds);
  void begin(Connection& connection);
  void started(Connection& connection);
  void reach(Connection& connection);
  void reach_by_name(Connection& connection, const json::value& request);
  void reached(Connection& connection);
  void at_path(Connection& connection, const json::value& request, std::string_view op);
  void listen(Connection& connection, const json::value& request);
  void deliver_signal(Connection& connection, int number);
  void hang_up(Connection& connection);
  void end_all();
  void signal_all(int number);
  Result<void> start_again();
  void entry_ended(int status);
  void told_to_end();
  /// Milliseconds until the entry is to be started again; -1: it is not.
  [[nodiscard]] int until_restart() const;
  void restart_entry();

  Fd listener_;
  Fd signals_;
  bool any_peer_;
  bool stopping_ = false;
  bool leaving_ = false;  ///< told to end; the entry has been asked to
  Entry entry_;
  std::optional<std::chrono::steady_clock::time_point> restart_at_;
  std::vector<std::unique_ptr<Connection>> connections_;
};

}  // namespace photon::inside
