// A session channel: environment and terminal requests, then one process in the environment.
#pragma once
#include <chrono>

#include "devenv/gateway/channel.hpp"
#include "devenv/inside/broker.hpp"

namespace photon::gateway {

/// What a process must know of the connection that it belongs to.
struct Shared {
  inside::Broker& broker;
  std::string name;             ///< of the environment
  std::string ssh_connection;   ///< "client port server port"
  std::function<bool()> agent;  ///< the client offers its agent: begin to relay it
};

class Process : public Channel {
 public:
  Process(ssh_channel channel, const Shared& shared);
  void watch(std::vector<pollfd>& polled, bool stalled) override;
  void notice(const std::vector<pollfd>& polled) override;
  [[nodiscard]] int patience() const override;
  bool step(bool stalled) override;

 private:
  enum class What { shell, command, sftp };
  void begin(What what, const std::string& command);
  Result<void> start(What what, const std::string& command);
  Result<void> start_with_terminal(inside::Session session, const inside::ExecRequest& request);
  Result<void> start_with_pipes(inside::Session session, inside::ExecRequest request);
  void refuse(const Error& error);
  void take_end();
  void finish();
  void resize(int columns, int rows);
  void signal(std::string_view name);
  void install_callbacks();

  const Shared& shared_;
  std::vector<std::string> env_;
  std::optional<inside::Tty> tty_;
  inside::Running running_;
  std::size_t end_place_ = 0;  ///< of the broker's connection among what is polled; 0 = not polled
  bool end_told_ = false;
  bool begun_ = false;
  bool agent_ = false;
  std::optional<inside::Ended> ended_;
  std::string last_words_;  ///< why nothing could be started: for the client's stderr
  std::chrono::steady_clock::time_point quiet_since_{};
};

}  // namespace photon::gateway
