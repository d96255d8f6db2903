// What the daemon, the gateway and the CLI say to `devenv-inside`, the init process of every environment.
//
// It listens on a SOCK_SEQPACKET Unix socket at /run/devenv/inside.sock (mode 0600; the folder is a bind
// mount of the environment's runtime folder on the host) and takes only peers from outside its pid namespace
// (SO_PEERCRED gives pid 0 for those). One connection is one process, or one request. Messages are JSON, at
// most 64 KiB; larger argument lists and environments follow in further messages ("more": true;
// {"argv":[…],"env":[…],"join":true} when the first text continues the last one of the message before).
//
// → {"op":"exec","argv":[…],"env":["K=V"…],"cwd":"/…","user":"dev" | "uid":1000,"gid":1000,
//    "tty":{"rows":24,"columns":80,"modes":"<SSH terminal modes in hexadecimal>"},"detach":false}
//    with three descriptors (stdin, stdout, stderr), or none with "tty". HOME, USER, LOGNAME, SHELL and PATH
//    (with a tty TERM, under SSH_CONNECTION SSH_TTY) are set where they are absent; a cwd that is not there
//    is the home, or with "strict_cwd": true a fault. "give_stdio": true makes the
//    descriptors the user's own.
// ← {"started":PID} with one descriptor (the pty's master) if "tty"
// ← {"exit":N} or {"signal":N,"core":false}; the connection then ends
// → {"op":"signal","number":15}   to the process group (foreground group with a pty)
//    closing the connection: SIGHUP to the foreground group of a pty, nothing to others (VS Code's and Zed's
//    servers must survive); "detach": true leaves all alone, "tied": true kills the whole process group
//
// → {"op":"connect","host":"db","port":3000} or {"op":"connect","path":"/run/x.sock"}
//    A name is looked up as the environment sees it: its /etc/hosts, then its name servers.
// ← {"ok":true} with the connected socket
//
// → {"op":"listen","host":"127.0.0.1","port":0} or {"op":"listen","path":"/…","mode":384,"uid":1000}
// ← {"ok":true,"port":N} with the listening socket
//    With "path" and "user" both are done with that user's rights, and only in place of a dead socket.
//
// → {"op":"remove","path":"/…","user":"dev"}   the socket there
// ← {"ok":true}
//
// → {"op":"lookup","user":"dev"}
// ← {"uid":1000,"gid":1000,"groups":[…],"home":"/home/dev","shell":"/bin/bash","name":"dev"}
//
// → {"op":"ports"}   the TCP listeners
// ← {"ports":[{"port":3000,"address":"127.0.0.1","process":"node"}…]}
//
// → {"op":"ping"}
// ← {"ok":true,"version":"0.1.0"}
//
// Each may be answered by {"error":{…}} as core/json's to_json(Error).
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "devenv/core/error.hpp"
#include "devenv/core/fd.hpp"

namespace photon::inside {

struct Tty {
  std::uint16_t rows = 24;
  std::uint16_t columns = 80;
  std::string modes{};  ///< encoded terminal modes of RFC 4254 section 8, raw bytes
};

struct ExecRequest {
  std::vector<std::string> argv;
  std::vector<std::string> env;
  std::string cwd;
  std::string user;                 ///< name or number, resolved by the container's /etc/passwd; "" = root
  std::vector<int> drop;            ///< capabilities that no process of the container has
  std::vector<std::string> groups;  ///< of the container's own program alone: beside the user's
  std::optional<Tty> tty;
  bool detach = false;
  bool strict_cwd = false;  ///< a cwd that is not there is a fault, not the home
  bool give_stdio = false;  ///< the descriptors were made for this process: they become its user's
  bool tied = false;        ///< must not outlive whoever asked for it: a hook and its daemon
};

/// A user as the container knows it.
struct User {
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::vector<std::uint32_t> groups;
  std::string name;
  std::string home;
  std::string shell;
};

struct ListeningPort {
  std::uint16_t port = 0;
  std::string address;
  std::string process;
};

/// The started process. The connection is its life line.
struct Running {
  Fd connection;
  Fd master;  ///< of the pty, if asked for
  int pid = 0;
};

struct Ended {
  int status = 0;  ///< exit status, or 128 + signal
  int signal = 0;  ///< 0: it exited
};

Result<Fd> connect(const std::string& socket_path);

/// `connection` from `connect` or handed over by the daemon's broker; `stdio` are three descriptors or empty
/// with a pty. They are not closed.
Result<Running> exec(Fd connection, const ExecRequest& request, const std::vector<int>& stdio);
/// Blocks until the process has ended.
Result<Ended> wait(const Running& process);
Result<void> signal(const Running& process, int number);

Result<Fd> connect_tcp(Fd connection, const std::string& host, std::uint16_t port);
Result<Fd> connect_path(Fd connection, const std::string& path);
struct Listener {
  Fd socket;
  std::uint16_t port = 0;
};
Result<Listener> listen_tcp(Fd connection, const std::string& host, std::uint16_t port);
Result<Listener> listen_path(Fd connection, const std::string& path, unsigned mode, std::uint32_t uid);
/// As `user` of the environment, whom the path was named for.
Result<Fd> connect_path_as(Fd connection, const std::string& user, const std::string& path);
Result<Listener> listen_path_as(Fd connection, const std::string& user, const std::string& path);
Result<void> remove_path_as(Fd connection, const std::string& user, const std::string& path);
Result<User> lookup(Fd connection, const std::string& user);
Result<std::vector<ListeningPort>> ports(Fd connection);
Result<void> ping(Fd connection);

}  // namespace photon::inside
