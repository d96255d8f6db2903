// What is told of an environment.
#include "devenv/environment/environments.hpp"

namespace photon::environment {
namespace {

/// Nobody watches them (decision 019): whoever wants to know asks.
std::vector<ServiceView> services_of(const Record& record, engine::Engine& engine) {
  std::vector<ServiceView> services;
  for (const auto& one : record.beside) {
    ServiceView service{one.service, one.image, "missing", 0};
    auto container = engine.find(one.id);
    if (!container) service.state = "unknown";
    if (container && *container) {
      const bool ended = (*container)->task != engine::TaskState::running;
      service.state = ended ? "ended" : "running";
      if (ended) service.exit_status = (*container)->exit_status;
    }
    services.push_back(std::move(service));
  }
  return services;
}

}  // namespace

View Local::view_of(const Record& record, bool whole) {
  View view;
  view.id = record.id;
  view.name = record.name;
  view.state = record.state;
  view.source = record.source;
  view.repository = record.label;
  view.branch = record.branch;
  view.folder = record.folder;
  view.workspace = record.workspace;
  view.user = record.user;
  view.image = record.image;
  view.project = record.project;
  view.created = record.created;
  view.failure = record.failure;
  view.warnings = record.warnings;
  view.config_changed = !record.hash.empty() && changed(record.inputs);
  view.ports = record.ports;
  for (auto& port : view.ports) port.local = doors_.local_of({record.id, port.port, port.host});
  if (!whole) return view;
  if (record.state == State::running) view.services = services_of(record, host_.engine());
  if (record.folder.empty()) return view;
  if (auto status = git::status(record.folder)) {
    view.branch = status->branch;
    view.dirty = status->dirty;
    view.unpushed = status->unpushed;
  }
  return view;
}

}  // namespace photon::environment
