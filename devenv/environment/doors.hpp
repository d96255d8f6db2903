// Published ports: a listener on 127.0.0.1 of this machine, and for each connection a socket that the
// environment's init opens inside. No NAT, and services that listen on the environment's own loopback are
// reached (decision 5).
#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "devenv/core/error.hpp"

namespace photon::environment {

class Door;

class Doors {
 public:
  Doors();
  ~Doors();
  /// `local` 0: the same number if free, else any. Already open: its number. A taken number asked for by
  /// name: conflict.
  Result<unsigned> open(const std::string& id, const std::string& inside_socket, unsigned port,
                        unsigned local);
  void close(const std::string& id, unsigned port);
  void close_all(const std::string& id);
  /// 0: not open.
  unsigned local_of(const std::string& id, unsigned port);

 private:
  std::mutex mutex_;
  std::map<std::pair<std::string, unsigned>, std::unique_ptr<Door>> doors_;
};

}  // namespace photon::environment
