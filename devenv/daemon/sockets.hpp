// The sockets that the daemon listens on: handed over by systemd, or made here.
#pragma once
#include "devenv/core/fd.hpp"
#include "devenv/core/paths.hpp"

namespace photon::daemon {

struct Sockets {
  Fd api;     ///< stream
  Fd broker;  ///< seqpacket
  Fd ssh;     ///< stream
};

/// For the machine's daemon they are open to the group devenv, if there is one. Takes systemd's variables out
/// of the environment.
Result<Sockets> open_sockets(const Paths& paths, bool system);

struct TcpSocket {
  Fd socket;
  std::string address;  ///< with the port that it got
};
/// "127.0.0.1:2222", "[::1]:0", "localhost:22"
Result<TcpSocket> listen_tcp(const std::string& address);

/// systemd's protocol; nothing happens without NOTIFY_SOCKET.
void notify(const std::string& state);
/// How often systemd wants to hear of us; zero: never.
std::chrono::microseconds watchdog();

}  // namespace photon::daemon
