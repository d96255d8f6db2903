#include "devenv/inside/init/server.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <cerrno>

#include "devenv/inside/init/ports.hpp"
#include "devenv/inside/init/resolve.hpp"
#include "devenv/inside/init/spawn.hpp"
#include "devenv/inside/init/streamlocal.hpp"
#include "devenv/inside/init/users.hpp"

#ifndef PHOTON_VERSION
#define PHOTON_VERSION "0.1.0"
#endif

namespace photon::inside {
namespace {

using Clock = std::chrono::steady_clock;

void answer(const Fd& socket, const json::value& value, std::span<const int> fds = {}) {
  // A client that does not read or has gone must not hold PID 1 up; its connection ends by itself.
  if (socket) (void)send_message(socket.get(), write_json(value), fds);
}

void answer(const Fd& socket, const Error& error) {
  answer(socket, json::value(json::object{{"error", photon::to_json(error)}}));
}

// Arguments of programs are bytes, not always UTF-8.
std::optional<json::value> parse(const std::string& text) {
  json::parse_options options;
  options.allow_invalid_utf8 = true;
  boost::system::error_code error;
  auto value = json::parse(text, error, {}, options);
  if (error) return std::nullopt;
  return value;
}

}  // namespace

int Server::run() {
  while (!stopping_) step();
  end_all();
  return entry_.ends ? entry_.status : 0;
}

void Server::step() {
  std::vector<pollfd> polled{{signals_.get(), POLLIN, 0}, {listener_.get(), POLLIN, 0}};
  std::vector<std::pair<Connection*, int>> owners;
  auto watch = [&](Connection& connection, const Fd& fd, short events, int which) {
    if (!fd) return;
    polled.push_back({fd.get(), events, 0});
    owners.emplace_back(&connection, which);
  };
  for (auto& connection : connections_) {
    watch(*connection, connection->socket, POLLIN, 0);
    watch(*connection, connection->starting, POLLIN, 1);
    watch(*connection, connection->reaching, POLLOUT, 2);
  }
  if (::poll(polled.data(), polled.size(), until_restart()) < 0) return;
  restart_entry();
  // Starts come before signals and ends: "started" is always said before "exit".
  for (std::size_t i = 0; i < owners.size(); ++i)
    if (polled[i + 2].revents != 0 && owners[i].second == 1) started(*owners[i].first);
  for (std::size_t i = 0; i < owners.size(); ++i) {
    if (polled[i + 2].revents == 0 || owners[i].first->done) continue;
    if (owners[i].second == 2)
      reached(*owners[i].first);
    else if (owners[i].second == 0)
      receive(*owners[i].first);
  }
  if (polled[0].revents != 0) take_signals();
  if (polled[1].revents != 0) take_connection();
  std::erase_if(connections_, [](const auto& connection) { return connection->done; });
}

void Server::take_connection() {
  Fd socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!socket) return;
  auto peer = peer_of(socket.get());
  if (!peer || (peer->pid != 0 && !any_peer_)) return;
  auto connection = std::make_unique<Connection>();
  connection->socket = std::move(socket);
  connections_.push_back(std::move(connection));
}

void Server::take_signals() {
  signalfd_siginfo info{};
  while (::read(signals_.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info))
    if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT) told_to_end();
  reap();
}

void Server::reap() {
  int status = 0;
  for (pid_t pid = 0; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) ended(pid, status);
}

void Server::ended(pid_t pid, int status) {
  if (pid == entry_.pid) entry_ended(status);
  for (auto& connection : connections_) {
    if (connection->pid != pid || connection->done) continue;
    connection->done |= connection->by_name;  // it has answered by itself
    if (connection->starting) started(*connection);
    if (connection->done) return;  // it never ran, which has been said
    if (WIFSIGNALED(status))
      answer(connection->socket,
             json::object{{"signal", WTERMSIG(status)}, {"core", static_cast<bool>(WCOREDUMP(status))}});
    else
      answer(connection->socket, json::object{{"exit", WEXITSTATUS(status)}});
    connection->done = true;
    return;
  }
}

void Server::receive(Connection& connection) {
  auto message = receive_message(connection.socket.get());
  if (!message || (message->bytes.empty() && message->fds.empty())) {
    hang_up(connection);
    return;
  }
  auto request = parse(message->bytes);
  if (request) return handle(connection, *request, std::move(message->fds));
  answer(connection.socket, Error{Kind::usage, "inside.syntax", "a request is not JSON"});
  hang_up(connection);
}

void Server::handle(Connection& connection, const json::value& request, std::vector<Fd> fds) {
  std::string op = text_or(request, "op");
  if (op == "exec" || connection.partial) return handle_exec(connection, request, std::move(fds));
  if (op == "signal") return deliver_signal(connection, static_cast<int>(number_or(request, "number")));
  if (member(request, "path") && member(request, "user")) return at_path(connection, request, op);
  if (op == "listen") return listen(connection, request);
  if (op == "ping") return answer(connection.socket, json::object{{"ok", true}, {"version", PHOTON_VERSION}});
  if (op == "connect") {
    auto targets = targets_of(request);
    if (!targets) return answer(connection.socket, targets.error());
    if (targets->empty()) return reach_by_name(connection, request);
    connection.targets = std::move(*targets);
    return reach(connection);
  }
  if (op == "lookup") {
    auto user = find_user(text_or(request, "user"));
    return user ? answer(connection.socket, to_json(*user)) : answer(connection.socket, user.error());
  }
  if (op == "ports") {
    json::array list;
    for (const auto& port : listening_ports())
      list.push_back({{"port", port.port}, {"address", port.address}, {"process", port.process}});
    return answer(connection.socket, json::object{{"ports", std::move(list)}});
  }
  answer(connection.socket, Error{Kind::usage, "inside.operation", fmt::format("\"{}\" is no request", op)});
}

void Server::handle_exec(Connection& connection, const json::value& request, std::vector<Fd> fds) {
  if (connection.pid != 0)
    return answer(connection.socket, Error{Kind::conflict, "inside.exec", "one connection is one process"});
  if (connection.partial)
    extend(*connection.partial, request);
  else
    connection.partial = exec_of(request);
  for (auto& fd : fds) connection.stdio.push_back(std::move(fd));
  if (!flag_or(request, "more")) begin(connection);
}

void Server::begin(Connection& connection) {
  connection.partial->drop = entry_.drop;
  auto spawned = spawn(*connection.partial, connection.stdio);
  connection.stdio.clear();
  if (!spawned) {
    answer(connection.socket, spawned.error());
    connection.done = true;
    return;
  }
  connection.detach = connection.partial->detach;
  connection.tied = connection.partial->tied;
  connection.pid = spawned->pid;
  connection.master = std::move(spawned->master);
  connection.starting = std::move(spawned->starting);
}

void Server::started(Connection& connection) {
  StartFault fault{};
  ssize_t got = ::read(connection.starting.get(), &fault, sizeof fault);
  connection.starting.reset();
  if (got == static_cast<ssize_t>(sizeof fault)) {
    const auto& program = connection.partial->argv[0];
    auto error =
        fail_errno(fmt::format("run {} in the environment: {}", program, fault.step), fault.error).value();
    if (std::string_view(fault.step) == "run it")
      error = fail_errno(fmt::format("run {} in the environment", program), fault.error).value();
    answer(connection.socket, error);
    connection.done = true;
    return;
  }
  connection.partial.reset();
  std::vector<int> fds;
  if (connection.master) fds.push_back(connection.master.get());
  answer(connection.socket, json::object{{"started", connection.pid}}, fds);
}

void Server::reach(Connection& connection) {
  Error last;
  while (!connection.targets.empty()) {
    auto socket = begin_connect(connection.targets.front());
    connection.targets.erase(connection.targets.begin());
    if (socket) {
      connection.reaching = std::move(*socket);
      return;
    }
    last = std::move(socket.error());
  }
  answer(connection.socket, last);
}

// PID 1 waits for nobody: a process of its own asks the name servers, connects and answers.
void Server::reach_by_name(Connection& connection, const json::value& request) {
  if (connection.pid != 0)
    return answer(connection.socket, Error{Kind::conflict, "inside.connect", "a name is being looked up"});
  auto pid = start_reaching(connection.socket.get(), text_or(request, "host"),
                            static_cast<std::uint16_t>(number_or(request, "port")));
  if (!pid) return answer(connection.socket, pid.error());
  connection.pid = *pid;
  connection.by_name = true;
}

void Server::reached(Connection& connection) {
  Fd socket = std::move(connection.reaching);
  auto done = end_connect(socket.get());
  int fds[] = {socket.get()};
  if (done) return answer(connection.socket, json::object{{"ok", true}}, fds);
  if (!connection.targets.empty()) return reach(connection);
  answer(connection.socket, done.error());
}

void Server::listen(Connection& connection, const json::value& request) {
  auto listener = begin_listen(request);
  if (!listener) return answer(connection.socket, listener.error());
  int fds[] = {listener->socket.get()};
  answer(connection.socket, json::object{{"ok", true}, {"port", listener->port}}, fds);
}

void Server::at_path(Connection& connection, const json::value& request, std::string_view op) {
  auto user = find_user(text_or(request, "user"));
  if (!user) return answer(connection.socket, user.error());
  std::string path = text_or(request, "path");
  if (op == "remove") {
    auto removed = remove_as(*user, path);
    return removed ? answer(connection.socket, json::object{{"ok", true}})
                   : answer(connection.socket, removed.error());
  }
  Result<Fd> socket =
      fail(Kind::usage, "inside.operation", fmt::format("\"{}\" is no request for a path", op));
  if (op == "connect") socket = connect_as(*user, path);
  if (op == "listen")
    socket = listen_as(*user, path).map([](Listener&& listener) { return std::move(listener.socket); });
  if (!socket) return answer(connection.socket, socket.error());
  int fds[] = {socket->get()};
  answer(connection.socket, json::object{{"ok", true}, {"port", 0}}, fds);
}

void Server::deliver_signal(Connection& connection, int number) {
  if (connection.pid <= 0 || connection.by_name || number < 1 || number > 64) return;
  pid_t group = connection.pid;
  pid_t foreground = 0;
  if (connection.master && ::ioctl(connection.master.get(), TIOCGPGRP, &foreground) == 0 && foreground > 1)
    group = foreground;
  ::kill(-group, number);
}

void Server::hang_up(Connection& connection) {
  connection.socket.reset();
  connection.reaching.reset();
  if (connection.by_name) ::kill(connection.pid, SIGKILL);
  if (connection.pid != 0 && connection.detach) return;  // kept until the process ends
  if (connection.pid != 0 && connection.tied) deliver_signal(connection, SIGKILL);
  if (connection.pid != 0 && connection.master) deliver_signal(connection, SIGHUP);
  connection.done = true;  // closing the last descriptor of the pty hangs up its session, too
}

void Server::signal_all(int number) {
  // Only in a pid namespace of its own may -1 be named: elsewhere it is the whole machine.
  if (::getpid() == 1) {
    ::kill(-1, number);
    return;
  }
  for (const auto& connection : connections_)
    if (connection->pid > 1) ::kill(-connection->pid, number);
}

void Server::end_all() {
  signal_all(SIGTERM);
  signal_all(SIGCONT);
  auto deadline = Clock::now() + std::chrono::seconds(1);
  while (Clock::now() < deadline) {
    reap();
    std::erase_if(connections_, [](const auto& connection) { return connection->done; });
    siginfo_t any{};
    if (::waitid(P_ALL, 0, &any, WEXITED | WNOHANG | WNOWAIT) < 0 && errno == ECHILD) return;
    pollfd polled{signals_.get(), POLLIN, 0};
    ::poll(&polled, 1, 20);
    signalfd_siginfo info{};
    while (::read(signals_.get(), &info, sizeof info) > 0) continue;
  }
  signal_all(SIGKILL);
  reap();
}

}  // namespace photon::inside
