#include "devenv/api/routes/convert.hpp"
#include "devenv/api/routes/router.hpp"

namespace photon::routes {
namespace {

using Answered = Result<http::Answer>;

Answered list(Services& services, const http::Request&, const Arguments&) {
  PHOTON_TRY(auto views, services.environments.prebuilds());
  std::vector<wire::Prebuild> all;
  for (const auto& view : views) all.push_back(to_wire(view));
  return answer_list(all);
}

Answered make(Services& services, const http::Request& request, const Arguments&) {
  PHOTON_TRY(auto body, body_of<wire::MakePrebuild>(request));
  auto caller = from_wire(body.caller, request.peer);
  auto& environments = services.environments;
  auto work = [&environments, wanted = from_wire(body),
               caller](const Work& with) -> Result<Operations::Outcome> {
    PHOTON_TRY(auto view, environments.prebuild(wanted, caller, with));
    return Operations::Outcome(to_wire(view));
  };
  PHOTON_TRY(auto operation, services.operations.begin("prebuild", "", work));
  return accepted(operation);
}

Answered remove(Services& services, const http::Request&, const Arguments& of) {
  PHOTON_CHECK(services.environments.remove_prebuild(of[0]));
  return http::Answer{.status = 204};
}

}  // namespace

std::vector<Route> prebuild_routes() {
  return {{"GET", "/v1/prebuilds", list},
          {"POST", "/v1/prebuilds", make},
          {"DELETE", "/v1/prebuilds/{id}", remove}};
}

}  // namespace photon::routes
