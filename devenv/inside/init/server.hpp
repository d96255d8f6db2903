// The loop of PID 1: requests from outside, the end of processes, orphans, and the end of the environment.
#pragma once
#include <sys/types.h>

#include "devenv/core/json.hpp"
#include "devenv/inside/init/requests.hpp"

namespace photon::inside {

class Server {
 public:
  /// `any_peer`: for tests, in which the client shares our pid namespace.
  Server(Fd listener, Fd signals, bool any_peer)
      : listener_(std::move(listener)), signals_(std::move(signals)), any_peer_(any_peer) {}
  /// Until SIGTERM or SIGINT; then all processes are ended.
  void run();
  Result<void> start_entrypoint(const std::vector<std::string>& argv, const std::string& user);

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

  Fd listener_;
  Fd signals_;
  bool any_peer_;
  bool stopping_ = false;
  std::vector<std::unique_ptr<Connection>> connections_;
};

}  // namespace photon::inside
