// What changes, to everybody who listens at /v1/events.
#pragma once
#include <memory>
#include <mutex>
#include <vector>

#include "devenv/api/http/feed.hpp"
#include "devenv/api/wire/wire.hpp"

namespace photon::routes {

class Events {
 public:
  /// From any thread; sets the time.
  void publish(wire::Change change);
  std::shared_ptr<http::Feed> subscribe();

 private:
  std::mutex mutex_;
  std::vector<std::shared_ptr<http::Feed>> feeds_;
};

}  // namespace photon::routes
