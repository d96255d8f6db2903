#include "devenv/api/routes/router.hpp"

namespace photon::routes {
namespace {

using Answered = Result<http::Answer>;

Answered version(Services& services, const http::Request&, const Arguments&) {
  return answer(wire::to_json(wire::Version{.version = services.version}));
}

Answered status(Services& services, const http::Request&, const Arguments&) {
  PHOTON_TRY(auto found, services.status());
  return answer(wire::to_json(found));
}

Answered doctor(Services& services, const http::Request&, const Arguments&) {
  return answer_list(services.doctor());
}

Answered openapi(Services&, const http::Request&, const Arguments&) {
  return http::Answer{.type = "application/yaml", .body = std::string(openapi_document())};
}

Answered shut_down(Services& services, const http::Request& request, const Arguments&) {
  PHOTON_TRY(bool all, query_flag(request, "all"));
  PHOTON_CHECK(services.shut_down(all));
  return http::Answer{.status = 204};
}

}  // namespace

std::vector<Route> system_routes() {
  return {{"GET", "/v1/version", version},
          {"GET", "/v1/status", status},
          {"GET", "/v1/doctor", doctor},
          {"GET", "/v1/openapi", openapi},
          {"POST", "/v1/shutdown", shut_down}};
}

}  // namespace photon::routes
