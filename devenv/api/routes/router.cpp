#include "devenv/api/routes/router.hpp"

#include "devenv/core/name.hpp"

namespace photon::routes {
namespace {

/// The arguments if `path` fits `pattern`.
std::optional<Arguments> match(std::string_view pattern, const std::vector<std::string>& path) {
  Arguments found;
  std::size_t at = 0;
  pattern.remove_prefix(1);
  while (!pattern.empty()) {
    auto end = std::min(pattern.find('/'), pattern.size());
    auto segment = pattern.substr(0, end);
    pattern.remove_prefix(std::min(end + 1, pattern.size()));
    if (at == path.size()) return std::nullopt;
    if (segment.starts_with('{')) {
      if (path[at].empty()) return std::nullopt;
      found.push_back(path[at]);
    } else if (segment != path[at]) {
      return std::nullopt;
    }
    ++at;
  }
  if (at != path.size()) return std::nullopt;
  return found;
}

http::Answer dispatch(const std::vector<Route>& routes, Services& services, const http::Request& request) {
  bool known_path = false;
  for (const auto& route : routes) {
    auto arguments = match(route.pattern, request.path);
    if (!arguments) continue;
    known_path = true;
    if (route.method != request.method) continue;
    auto result = route.call(services, request, *arguments);
    return result ? std::move(*result) : answer(result.error());
  }
  if (!known_path)
    return answer(Error{Kind::not_found, "api.path", "this address is not part of the API", std::nullopt,
                        "GET /v1/openapi describes it"});
  auto refused = answer(
      Error{Kind::usage, "api.method", fmt::format("{} is not possible here", shown(request.method, 16))});
  refused.status = 405;
  return refused;
}

void append(std::vector<Route>& all, std::vector<Route> more) {
  for (auto& route : more) all.push_back(std::move(route));
}

}  // namespace

std::vector<Route> all_routes() {
  std::vector<Route> all;
  append(all, system_routes());
  append(all, environment_routes());
  append(all, log_routes());
  append(all, operation_routes());
  append(all, event_routes());
  append(all, image_routes());
  append(all, prebuild_routes());
  append(all, login_routes());
  return all;
}

http::Handler make_handler(Services& services) {
  return [&services, routes = all_routes()](const http::Request& request) -> http::Answer {
    try {
      return dispatch(routes, services, request);
    } catch (const std::exception& fault) {  // one request fails, the daemon lives
      return answer(Error{Kind::internal, "daemon.exception", fmt::format("unexpected: {}", fault.what()),
                          std::nullopt, "please report this with the daemon's log"});
    }
  };
}

http::Answer answer(const json::value& body, int status) {
  return {.status = status, .body = write_json(body) + "\n"};
}

http::Answer answer(const Error& error) {
  return answer(json::value(json::object{{"error", photon::to_json(error)}}), wire::http_status(error.kind));
}

http::Answer accepted(const wire::Operation& operation) { return answer(wire::to_json(operation), 202); }

std::string query(const http::Request& request, const std::string& key) {
  auto found = request.query.find(key);
  return found == request.query.end() ? "" : found->second;
}

Result<bool> query_flag(const http::Request& request, const std::string& key) {
  auto value = query(request, key);
  if (value == "true") return true;
  if (value.empty() || value == "false") return false;
  return fail(Kind::usage, "api.query",
              fmt::format("{} is {}, which is neither true nor false", key, shown(value)));
}

}  // namespace photon::routes
