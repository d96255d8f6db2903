#include "devenv/api/routes/convert.hpp"
#include "devenv/api/routes/router.hpp"
#include "devenv/core/name.hpp"

namespace photon::routes {
namespace {

using Answered = Result<http::Answer>;
using environment::View;

Operations::Body viewed(std::function<Result<View>(const Work&)> work) {
  return [work = std::move(work)](const Work& with) -> Result<Operations::Outcome> {
    PHOTON_TRY(auto view, work(with));
    return Operations::Outcome(to_wire(view));
  };
}

/// The one that the question names, if it names one.
Result<std::optional<View>> named(Services& services, const http::Request& request) {
  if (auto folder = query(request, "folder"); !folder.empty()) return services.environments.by_folder(folder);
  if (auto id = query(request, "id"); !id.empty()) return services.environments.by_id(id);
  PHOTON_TRY(auto labels, parse_json(query(request, "labels"), "labels"));
  std::vector<std::string> texts;
  if (labels.is_array())
    for (const auto& label : labels.get_array())
      if (label.is_string()) texts.emplace_back(label.get_string().data(), label.get_string().size());
  if (texts.empty()) return fail(Kind::usage, "api.query", "labels is no list of texts");
  return services.environments.by_labels(texts);
}

Answered list(Services& services, const http::Request& request, const Arguments&) {
  std::vector<wire::Environment> found;
  if (!request.query.empty()) {
    PHOTON_TRY(auto view, named(services, request));
    if (view) found.push_back(to_wire(*view));
    return answer_list(found);
  }
  PHOTON_TRY(auto views, services.environments.list());
  for (const auto& view : views) found.push_back(to_wire(view));
  return answer_list(found);
}

Answered show(Services& services, const http::Request&, const Arguments& of) {
  PHOTON_TRY(auto view, services.environments.view(of[0]));
  return answer(wire::to_json(to_wire(view)));
}

Answered container(Services& services, const http::Request&, const Arguments& of) {
  PHOTON_TRY(auto made, services.environments.container(of[0]));
  return answer(wire::to_json(wire::Container{made.env, made.metadata, made.configuration}));
}

Answered up(Services& services, const http::Request& request, const Arguments&) {
  PHOTON_TRY(auto body, body_of<wire::Up>(request));
  auto caller = from_wire(body.caller, request.peer);
  auto wanted = from_wire(body);
  auto& environments = services.environments;
  auto work = [&environments, wanted, caller](const Work& with) {
    return environments.up(wanted, caller, with);
  };
  PHOTON_TRY(auto operation, services.operations.begin("up", body.name, viewed(work)));
  return accepted(operation);
}

Answered build(Services& services, const http::Request& request, const Arguments&) {
  PHOTON_TRY(auto body, body_of<wire::Build>(request));
  auto caller = from_wire(body.caller, request.peer);
  auto& environments = services.environments;
  auto work = [&environments, wanted = from_wire(body),
               caller](const Work& with) -> Result<Operations::Outcome> {
    PHOTON_TRY(auto built, environments.build(wanted, caller, with));
    return Operations::Outcome(wire::Built{built.names, built.digest, built.warnings});
  };
  PHOTON_TRY(auto operation, services.operations.begin("build", "", work));
  return accepted(operation);
}

/// start, stop, rebuild: an unknown name is told at once.
Call act(const std::string& verb) {
  return [verb](Services& services, const http::Request& request, const Arguments& of) -> Answered {
    PHOTON_TRY(auto body, body_of<wire::Caller>(request));
    PHOTON_CHECK(services.environments.view(of[0]));
    auto& environments = services.environments;
    auto caller = from_wire(body, request.peer);
    auto work = [&environments, verb, caller, name = of[0]](const Work& with) -> Result<View> {
      if (verb == "start") return environments.start(name, caller, with);
      if (verb == "stop") return environments.stop(name, with);
      return environments.rebuild(name, caller, with);
    };
    PHOTON_TRY(auto operation, services.operations.begin(verb, of[0], viewed(work)));
    return accepted(operation);
  };
}

Answered remove(Services& services, const http::Request& request, const Arguments& of) {
  PHOTON_TRY(bool confirmed, query_flag(request, "confirmed"));
  PHOTON_CHECK(services.environments.view(of[0]));
  if (!confirmed) PHOTON_CHECK(services.environments.removable(of[0]));
  auto& environments = services.environments;
  auto work = [&environments, confirmed, name = of[0]](const Work& with) -> Result<Operations::Outcome> {
    PHOTON_CHECK(environments.remove(name, confirmed, with));
    return Operations::Outcome();
  };
  PHOTON_TRY(auto operation, services.operations.begin("delete", of[0], work));
  return accepted(operation);
}

Answered ports(Services& services, const http::Request&, const Arguments& of) {
  PHOTON_TRY(auto found, services.environments.ports(of[0]));
  std::vector<wire::Port> all;
  for (const auto& port : found) all.push_back(to_wire(port));
  return answer_list(all);
}

Answered publish(Services& services, const http::Request& request, const Arguments& of) {
  PHOTON_TRY(auto body, body_of<wire::Publish>(request));
  if (body.port == 0 || body.port > 65535 || body.local > 65535)
    return fail(Kind::usage, "port.range", "a port is a number from 1 to 65535");
  PHOTON_TRY(auto port, services.environments.publish(of[0], body.port, body.local));
  return answer(wire::to_json(to_wire(port)));
}

Answered unpublish(Services& services, const http::Request&, const Arguments& of) {
  unsigned port = 0;
  for (char c : of[1]) {
    if (c < '0' || c > '9' || port > 65535)
      return fail(Kind::usage, "port.range", fmt::format("{} is not a port", shown(of[1])));
    port = port * 10 + static_cast<unsigned>(c - '0');
  }
  PHOTON_CHECK(services.environments.unpublish(of[0], port));
  return http::Answer{.status = 204};
}

}  // namespace

std::vector<Route> environment_routes() {
  return {{"GET", "/v1/environments", list},
          {"POST", "/v1/environments", up},
          {"GET", "/v1/environments/{name}", show},
          {"DELETE", "/v1/environments/{name}", remove},
          {"GET", "/v1/environments/{name}/container", container},
          {"POST", "/v1/builds", build},
          {"POST", "/v1/environments/{name}/start", act("start")},
          {"POST", "/v1/environments/{name}/stop", act("stop")},
          {"POST", "/v1/environments/{name}/rebuild", act("rebuild")},
          {"GET", "/v1/environments/{name}/ports", ports},
          {"POST", "/v1/environments/{name}/ports", publish},
          {"DELETE", "/v1/environments/{name}/ports/{port}", unpublish}};
}

}  // namespace photon::routes
