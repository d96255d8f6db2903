// The API of wire.hpp: which handler answers which method and path, and what the handlers need.
#pragma once
#include "devenv/api/http/message.hpp"
#include "devenv/api/routes/events.hpp"
#include "devenv/api/routes/registry.hpp"
#include "devenv/environment/environment.hpp"
#include "devenv/image/image.hpp"

namespace photon::routes {

/// What the routes call. The functions come from the daemon, or from a test.
struct Services {
  environment::Environments& environments;
  Operations& operations;
  Events& events;
  http::Pool& followers;  ///< a thread each for those who follow a log
  image::Images* images = nullptr;
  image::Logins* logins = nullptr;
  std::string login_file;  ///< of which the registries are listed
  image::RegistryOptions registries;
  std::string version;
  std::function<Result<wire::DaemonStatus>()> status;
  std::function<std::vector<wire::Check>()> doctor;
  std::function<Result<void>(bool all)> shut_down;
};

/// The parts of the path that the pattern leaves open: "/v1/environments/{name}" gives {"web"}.
using Arguments = std::vector<std::string>;
using Call = std::function<Result<http::Answer>(Services&, const http::Request&, const Arguments&)>;

struct Route {
  std::string method;
  std::string pattern;
  Call call;
};

/// All of them; a noun a file.
std::vector<Route> all_routes();
std::vector<Route> environment_routes();
std::vector<Route> log_routes();
std::vector<Route> operation_routes();
std::vector<Route> event_routes();
std::vector<Route> image_routes();
std::vector<Route> prebuild_routes();
std::vector<Route> login_routes();
std::vector<Route> system_routes();

/// `services` must outlive the handler.
http::Handler make_handler(Services& services);

// For the handlers.
http::Answer answer(const json::value& body, int status = 200);
http::Answer answer(const Error& error);
/// 202 and the operation.
http::Answer accepted(const wire::Operation& operation);
template <class T>
http::Answer answer_list(const std::vector<T>& items) {
  json::array list;
  for (const auto& item : items) list.push_back(wire::to_json(item));
  return answer(list);
}
std::string query(const http::Request& request, const std::string& key);
Result<bool> query_flag(const http::Request& request, const std::string& key);
/// The body as a T; an empty one is an empty object.
template <class T>
Result<T> body_of(const http::Request& request) {
  if (request.body.empty()) return wire::parse<T>(json::object());
  PHOTON_TRY(auto value, parse_json(request.body, "the request's body"));
  return wire::parse<T>(value);
}

std::string_view openapi_document();

}  // namespace photon::routes
