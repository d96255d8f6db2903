// One SSH connection from the first byte to the last, in one thread and one poll loop of our own.
//
// libssh's session is one descriptor of that loop; its event holds the session and nothing else (with
// descriptors of ours in it, data is lost: its calls run the event recursively).
#pragma once
#include <libssh/callbacks.h>

#include <chrono>

#include "devenv/core/secret.hpp"
#include "devenv/gateway/authentication.hpp"
#include "devenv/gateway/options.hpp"
#include "devenv/gateway/process.hpp"

namespace photon::gateway {

class Server {
 public:
  Server(const Options& options, inside::Broker broker);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  /// Takes the connection over; returns when it has ended. An error is a client that never got in.
  Result<void> run(const Secret& host_key);

 private:
  using Clock = std::chrono::steady_clock;
  struct RemoteForward {
    std::string address;
    std::uint16_t port = 0;
    Fd listener;
    bool unix_socket = false;  ///< `address` is a path of the environment
  };

  Result<void> prepare(const Secret& host_key);
  Result<void> broken_off(const Fd& connection) const;
  void serve();
  void install_callbacks();

  /// One turn: waits at most `limit`, lets libssh work, moves the channels on.
  bool turn(std::chrono::milliseconds limit);
  void watch(std::vector<pollfd>& polled);
  void take_from_network();
  bool step_channels();
  void accept_offered();
  bool stalled() const;
  bool alive() const;
  void keep_alive();

  int open_channel(ssh_message message);
  void global_request(ssh_message message);
  Result<std::uint16_t> begin_remote_forward(const std::string& address, std::uint16_t port);
  int open_streamlocal(ssh_message message, const std::string& path);
  void streamlocal_request(ssh_message message, int type, const std::string& path);
  Result<void> begin_streamlocal(const std::string& path);
  void remove_path(const std::string& path);
  bool begin_agent();
  unsigned count_forwards() const;

  Options options_;
  inside::Broker broker_;
  ssh::Bind bind_;
  ssh::Session session_;
  ssh::Event event_;
  Authentication authentication_;
  Shared shared_;
  std::vector<std::unique_ptr<Channel>> channels_;
  unsigned sessions_ = 0;
  std::vector<RemoteForward> remote_forwards_;
  Fd agent_;
  Clock::time_point heard_ = Clock::now();
  Clock::time_point asked_ = Clock::now();
  unsigned unanswered_ = 0;
  bool asking_ = false;
  bool quick_ = true;  ///< acknowledge at once: until authenticated the client waits for each of our ACKs
  ssh_server_callbacks_struct server_callbacks_{};
  ssh_callbacks_struct callbacks_{};
};

}  // namespace photon::gateway
