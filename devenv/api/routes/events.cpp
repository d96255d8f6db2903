#include "devenv/api/routes/events.hpp"

#include "devenv/api/routes/router.hpp"
#include "devenv/core/clock.hpp"

namespace photon::routes {

void Events::publish(wire::Change change) {
  change.time = unix_time();
  auto event = http::event("change", write_json(wire::to_json(change)));
  std::unique_lock lock(mutex_);
  std::erase_if(feeds_, [&](const auto& feed) { return !feed->push(event); });
}

std::shared_ptr<http::Feed> Events::subscribe() {
  auto feed = std::make_shared<http::Feed>(": \n\n");
  feed->push(": listening\n\n");
  std::unique_lock lock(mutex_);
  std::erase_if(feeds_, [](const auto& other) { return other->gone().stop_requested(); });
  feeds_.push_back(feed);
  return feed;
}

std::vector<Route> event_routes() {
  auto listen = [](Services& services, const http::Request&, const Arguments&) -> Result<http::Answer> {
    return http::Answer{.type = "text/event-stream", .feed = services.events.subscribe()};
  };
  return {{"GET", "/v1/events", listen}};
}

}  // namespace photon::routes
