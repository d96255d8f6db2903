#include "devenv/api/routes/router.hpp"

namespace photon::routes {
namespace {

using Answered = Result<http::Answer>;

Result<image::Logins*> logins_of(Services& services) {
  if (services.logins) return services.logins;
  return fail(Kind::unavailable, "login.store", "there is no store for logins");
}

/// The registries of our own file; never a password.
Answered list(Services& services, const http::Request&, const Arguments&) {
  json::array names;
  auto text = read_file(services.login_file, 1 << 20);
  if (!text && text.error().kind != Kind::not_found) return tl::unexpected(text.error());
  if (text) {
    PHOTON_TRY(auto value, parse_json(*text, services.login_file));
    const auto* logins = member(value, "registries");
    if (logins && logins->is_object())
      for (const auto& item : logins->get_object()) names.emplace_back(item.key());
  }
  return answer(names);
}

Answered add(Services& services, const http::Request& request, const Arguments&) {
  PHOTON_TRY(auto body, body_of<wire::Login>(request));
  if (body.registry.empty() || body.user.empty())
    return fail(Kind::usage, "login.empty", "registry and user must not be empty");
  PHOTON_TRY(auto* logins, logins_of(services));
  image::Login login{body.user, body.password};
  PHOTON_CHECK(image::check_login(body.registry, login, services.registries, {}));
  PHOTON_CHECK(logins->store(body.registry, login));
  return http::Answer{.status = 204};
}

Answered remove(Services& services, const http::Request& request, const Arguments&) {
  auto registry = query(request, "registry");
  if (registry.empty()) return fail(Kind::usage, "login.empty", "the registry is missing", "add ?registry=…");
  PHOTON_TRY(auto* logins, logins_of(services));
  PHOTON_CHECK(logins->forget(registry));
  return http::Answer{.status = 204};
}

}  // namespace

std::vector<Route> login_routes() {
  return {{"GET", "/v1/logins", list}, {"POST", "/v1/logins", add}, {"DELETE", "/v1/logins", remove}};
}

}  // namespace photon::routes
