#include "devenv/api/routes/convert.hpp"

namespace photon::routes {

wire::Port to_wire(const environment::Port& port) {
  return {.port = port.port,
          .local = port.local,
          .label = port.label,
          .process = port.process,
          .forwarded = port.forwarded,
          .protocol = port.protocol,
          .host = port.host};
}

wire::Environment to_wire(const environment::View& view) {
  wire::Environment it;
  it.id = view.id;
  it.name = view.name;
  it.state = std::string(to_string(view.state));
  it.host = view.host;
  it.source = view.source;
  it.repository = view.repository;
  it.branch = view.branch;
  it.dirty = view.dirty;
  it.unpushed = view.unpushed;
  it.folder = view.folder;
  it.workspace = view.workspace;
  it.user = view.user;
  it.image = view.image;
  it.project = view.project;
  it.created = view.created;
  it.failure = view.failure;
  it.config_changed = view.config_changed;
  for (const auto& port : view.ports) it.ports.push_back(to_wire(port));
  for (const auto& one : view.services)
    it.services.push_back(
        {.name = one.name, .image = one.image, .state = one.state, .exit_status = one.exit_status});
  it.warnings = view.warnings;
  it.hooks = view.hooks;
  return it;
}

wire::Prebuild to_wire(const environment::PrebuildView& view) {
  return {.id = view.id,
          .source = view.source,
          .repository = view.repository,
          .branch = view.branch,
          .commit = view.commit,
          .config = view.config,
          .size = view.size,
          .created = view.created,
          .used = view.used,
          .made = view.made,
          .warnings = view.warnings};
}

wire::Change to_wire(const environment::Change& change) {
  return {.environment = change.environment,
          .what = change.what,
          .state = std::string(to_string(change.state)),
          .detail = change.detail};
}

environment::Caller from_wire(const wire::Caller& caller, const Peer& peer) {
  return {.uid = peer.uid,
          .gid = peer.gid,
          .home = caller.home,
          .folder = caller.folder,
          .agent_socket = caller.agent_socket,
          .environment = caller.environment,
          .public_keys = caller.public_keys};
}

namespace {

environment::HookOptions from_wire(const wire::Hooks& hooks) {
  const auto& dotfiles = hooks.dotfiles;
  return {.only_waited = hooks.only_waited,
          .prebuild = hooks.prebuild,
          .before_start = hooks.before_start,
          .skip_attach = hooks.skip_attach,
          .env = hooks.env,
          .secrets = hooks.secrets,
          .dotfiles = {dotfiles.repository, dotfiles.install, dotfiles.target}};
}

}  // namespace

environment::UpRequest from_wire(const wire::Up& up) {
  return {.source = up.source,
          .name = up.name,
          .config = up.config,
          .allow_unknown = up.allow_unknown,
          .recreate = up.recreate,
          .skip_hooks = up.skip_hooks,
          .trust = up.trust,
          .configuration = up.configuration,
          .labels = up.labels,
          .expect = up.expect,
          .initialize = up.initialize,
          .lock = up.lock,
          .probe = up.probe,
          .update_uid = up.update_uid,
          .also = up.also,
          .secrets = up.secrets,
          .hooks = from_wire(up.hooks)};
}

environment::BuildRequest from_wire(const wire::Build& build) {
  return {.folder = build.folder,
          .config = build.config,
          .configuration = build.configuration,
          .allow_unknown = build.allow_unknown,
          .lock = build.lock,
          .names = build.names,
          .labels = build.labels,
          .platform = build.platform,
          .anew = build.anew,
          .leave_out_customizations = build.leave_out_customizations,
          .push = build.push};
}

environment::PrebuildRequest from_wire(const wire::MakePrebuild& prebuild) {
  return {.source = prebuild.source,
          .config = prebuild.config,
          .allow_unknown = prebuild.allow_unknown,
          .trust = prebuild.trust,
          .anew = prebuild.anew};
}

}  // namespace photon::routes
