#include "devenv/api/routes/router.hpp"

namespace photon::routes {
namespace {

using Answered = Result<http::Answer>;

Answered list(Services& services, const http::Request&, const Arguments&) {
  return answer_list(services.operations.list());
}

Answered show(Services& services, const http::Request&, const Arguments& of) {
  PHOTON_TRY(auto operation, services.operations.find(of[0]));
  return answer(wire::to_json(operation));
}

Answered cancel(Services& services, const http::Request&, const Arguments& of) {
  PHOTON_CHECK(services.operations.cancel(of[0]));
  return http::Answer{.status = 204};
}

Answered events(Services& services, const http::Request&, const Arguments& of) {
  PHOTON_TRY(auto feed, services.operations.follow(of[0]));
  return http::Answer{.type = "text/event-stream", .feed = feed};
}

}  // namespace

std::vector<Route> operation_routes() {
  return {{"GET", "/v1/operations", list},
          {"GET", "/v1/operations/{id}", show},
          {"DELETE", "/v1/operations/{id}", cancel},
          {"GET", "/v1/operations/{id}/events", events}};
}

}  // namespace photon::routes
