// What the gateway and the CLI ask the daemon for, over a SOCK_SEQPACKET socket: JSON messages, descriptors
// passed. The CLI connects to <runtime>/broker.sock (peer credentials checked); a gateway inherits one end as
// descriptor 3 and may only authorize and then open what it was authorized for.
//
// → {"op":"authorize","name":"web","key":"ssh-ed25519 AAAA…"}   ← {"ok":true|false}   (same answer and time
// for an
//    unknown name as for a wrong key)
// → {"op":"session","name":"web"}  ←
// {"ok":true,"env":[…],"fixed":[…],"user":"dev","cwd":"/…","shell":"/bin/bash"} + fd, a fresh
//    connection to devenv-inside. May be asked any number of times (once a process or forward).
// → {"op":"agent","name":"web"}    ← {"ok":true} + fd: the listening socket of /run/devenv/agent.sock; the
// newest
//    gateway that asked gets the connections
// Faults: ← {"error":{…}}
#pragma once
#include "devenv/inside/protocol.hpp"

namespace photon::inside {

struct Session {
  Fd connection;
  std::vector<std::string> env;
  std::string user;
  std::string cwd;
  std::string shell;
  std::vector<std::string> fixed;  ///< names of variables that devcontainer.json sets or unsets
};

/// The asking side. Not safe from several threads at once.
class Broker {
 public:
  explicit Broker(Fd socket) : socket_(std::move(socket)) {}
  static Result<Broker> connect(const std::string& socket_path);
  Result<bool> authorize(const std::string& name, const std::string& key);
  Result<Session> session(const std::string& name);
  Result<Fd> agent(const std::string& name);
  [[nodiscard]] int fd() const { return socket_.get(); }

 private:
  Fd socket_;
};

}  // namespace photon::inside
