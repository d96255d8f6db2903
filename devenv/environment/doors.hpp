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
  /// Where a door leads: a port of the environment itself, or of what it knows as `host`.
  struct Place {
    std::string id;
    unsigned port = 0;
    std::string host{};
    auto operator<=>(const Place&) const = default;
  };
  /// `local` 0: the same number if free, else any. Already open: its number. A taken number asked for by
  /// name: conflict.
  Result<unsigned> open(const Place& place, const std::string& inside_socket, unsigned local);
  void close(const Place& place);
  void close_all(const std::string& id);
  /// 0: not open.
  unsigned local_of(const Place& place);

 private:
  std::mutex mutex_;
  std::map<Place, std::unique_ptr<Door>> doors_;
};

}  // namespace photon::environment
