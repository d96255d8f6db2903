#include "devenv/api/routes/router.hpp"

namespace photon::routes {
namespace {

using Answered = Result<http::Answer>;

Result<image::Images*> images_of(Services& services) {
  if (services.images) return services.images;
  return fail(Kind::unavailable, "image.engine", "there is no engine for images", "devenv doctor shows why");
}

Answered list(Services& services, const http::Request&, const Arguments&) {
  PHOTON_TRY(auto* images, images_of(services));
  PHOTON_TRY(auto rows, images->list());
  std::vector<wire::Image> all;
  for (const auto& row : rows) all.push_back({row.name, row.digest, row.size, row.created});
  return answer_list(all);
}

Answered remove(Services& services, const http::Request& request, const Arguments&) {
  auto name = query(request, "name");
  if (name.empty()) return fail(Kind::usage, "image.name", "the image's name is missing", "add ?name=…");
  PHOTON_TRY(auto* images, images_of(services));
  PHOTON_CHECK(images->remove(name));
  return http::Answer{.status = 204};
}

Answered import(Services& services, const http::Request& request, const Arguments&) {
  PHOTON_TRY(auto body, body_of<wire::Import>(request));
  if (!body.path.starts_with('/'))
    return fail(Kind::usage, "image.path", "the archive's path must be absolute");
  PHOTON_TRY(auto* images, images_of(services));
  auto work = [images, body](const Work& with) -> Result<std::optional<wire::Environment>> {
    PHOTON_CHECK(images->import(body.path, body.name, with));
    return std::nullopt;
  };
  PHOTON_TRY(auto operation, services.operations.begin("import", "", work));
  return accepted(operation);
}

Answered collect(Services& services, const http::Request&, const Arguments&) {
  PHOTON_CHECK(images_of(services));
  PHOTON_TRY(auto freed, services.environments.collect());
  return answer(json::object{{"freed", freed}});
}

}  // namespace

std::vector<Route> image_routes() {
  return {{"GET", "/v1/images", list},
          {"DELETE", "/v1/images", remove},
          {"POST", "/v1/images/import", import},
          {"POST", "/v1/images/gc", collect}};
}

}  // namespace photon::routes
