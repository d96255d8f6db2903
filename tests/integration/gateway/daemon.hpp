// The daemon's half of the gateway, as small as can be: a TCP port that starts a gateway for each connection
// and answers its questions, over a real devenv-inside in namespaces of its own.
#pragma once
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "devenv/core/process.hpp"
#include "devenv/inside/broker.hpp"

namespace photon::test {

class Daemon {
 public:
  Daemon();
  ~Daemon();
  [[nodiscard]] const std::string& folder() const { return folder_; }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string inside_socket() const { return folder_ + "/run/inside.sock"; }
  /// Gateways that still run.
  unsigned gateways();
  /// Options given to each gateway from now on.
  std::vector<std::string> options;
  /// Another connection to hand to a gateway: a Unix socket pair's end.
  void serve(Fd connection);

 private:
  void start_inside();
  void make_keys();
  void accept_all(const std::stop_token& stop);
  void answer(const std::stop_token& stop, const Fd& socket, Child gateway);
  void reply(int socket, const std::string& request);

  std::string folder_;
  std::uint16_t port_ = 0;
  Fd listener_;
  Child inside_;
  std::string allowed_;
  std::string host_key_;
  std::mutex mutex_;
  std::atomic<unsigned> running_ = 0;
  std::vector<std::jthread> threads_;
  std::jthread acceptor_;
};

class GatewayTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { daemon_ = new Daemon; }
  static void TearDownTestSuite() {
    delete daemon_;
    daemon_ = nullptr;
  }
  void SetUp() override { daemon_->options.clear(); }
  /// ssh with our key and host key; `words` are further options, then host and command.
  static std::vector<std::string> ssh(const std::vector<std::string>& words,
                                      const std::string& program = "ssh", const std::string& key = "id");
  static Output run_ssh(const std::vector<std::string>& words, std::string_view input = {});
  static std::string path(const std::string& name) { return daemon_->folder() + "/" + name; }
  /// Until no gateway runs; false after ten seconds.
  static bool all_gone();
  static Daemon* daemon_;
};

/// Runs the predicate until it holds, for at most ten seconds.
template <class F>
bool eventually(F predicate) {
  for (int i = 0; i < 500; ++i) {
    if (predicate()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return false;
}

}  // namespace photon::test
