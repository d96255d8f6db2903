#include "devenv/api/wire/wire.hpp"

#include "devenv/api/wire/fields.hpp"

namespace photon::wire {
namespace {

// One list of fields each: `visit` is a Reader with T, or a Writer with const T.
void fields(auto& visit, Is<Version> auto& it) {
  visit("version", it.version);
  visit("api", it.api);
}

void fields(auto& visit, Is<DaemonStatus> auto& it) {
  visit("version", it.version);
  visit("pid", it.pid);
  visit("system", it.system);
  visit("engine", it.engine);
  visit("runtime", it.runtime);
  visit("environments", it.environments);
  visit("running", it.running);
  visit("data", it.data);
  visit("ssh", it.ssh);
  visit("rss", it.rss);
  visit("read_only", it.read_only);
}

void fields(auto& visit, Is<Check> auto& it) {
  visit("name", it.name);
  visit("level", it.level);
  visit("text", it.text);
  visit("hint", it.hint);
}

void fields(auto& visit, Is<Port> auto& it) {
  visit("port", it.port);
  visit("local", it.local);
  visit("label", it.label);
  visit("process", it.process);
  visit("forwarded", it.forwarded);
  visit("protocol", it.protocol);
  visit("host", it.host);
}

void fields(auto& visit, Is<Service> auto& it) {
  visit("name", it.name);
  visit("image", it.image);
  visit("state", it.state);
  visit("exit_status", it.exit_status);
}

void fields(auto& visit, Is<Environment> auto& it) {
  visit("id", it.id);
  visit("name", it.name);
  visit("state", it.state);
  visit("host", it.host);
  visit("source", it.source);
  visit("repository", it.repository);
  visit("branch", it.branch);
  visit("dirty", it.dirty);
  visit("unpushed", it.unpushed);
  visit("folder", it.folder);
  visit("workspace", it.workspace);
  visit("user", it.user);
  visit("image", it.image);
  visit("project", it.project);
  visit("created", it.created);
  visit("failure", it.failure);
  visit("config_changed", it.config_changed);
  visit("ports", it.ports);
  visit("services", it.services);
  visit("warnings", it.warnings);
  visit("hooks", it.hooks);
}

void fields(auto& visit, Is<Container> auto& it) {
  visit("env", it.env);
  visit("metadata", it.metadata);
  visit("configuration", it.configuration);
}

void fields(auto& visit, Is<Caller> auto& it) {
  visit("home", it.home);
  visit("folder", it.folder);
  visit("agent_socket", it.agent_socket);
  visit("environment", it.environment);
  visit("public_keys", it.public_keys);
}

void fields(auto& visit, Is<Dotfiles> auto& it) {
  visit("repository", it.repository);
  visit("install", it.install);
  visit("target", it.target);
}

void fields(auto& visit, Is<Hooks> auto& it) {
  visit("only_waited", it.only_waited);
  visit("prebuild", it.prebuild);
  visit("before_start", it.before_start);
  visit("skip_attach", it.skip_attach);
  visit("env", it.env);
  visit("secrets", it.secrets);
  visit("dotfiles", it.dotfiles);
}

void fields(auto& visit, Is<Up> auto& it) {
  visit("source", it.source);
  visit("name", it.name);
  visit("config", it.config);
  visit("allow_unknown", it.allow_unknown);
  visit("recreate", it.recreate);
  visit("skip_hooks", it.skip_hooks);
  visit("trust", it.trust);
  visit("configuration", it.configuration);
  visit("labels", it.labels);
  visit("expect", it.expect);
  visit("initialize", it.initialize);
  visit("lock", it.lock);
  visit("probe", it.probe);
  visit("update_uid", it.update_uid);
  visit("also", it.also);
  visit("secrets", it.secrets);
  visit("hooks", it.hooks);
  visit("caller", it.caller);
}

void fields(auto& visit, Is<Build> auto& it) {
  visit("folder", it.folder);
  visit("config", it.config);
  visit("configuration", it.configuration);
  visit("allow_unknown", it.allow_unknown);
  visit("lock", it.lock);
  visit("names", it.names);
  visit("labels", it.labels);
  visit("platform", it.platform);
  visit("anew", it.anew);
  visit("leave_out_customizations", it.leave_out_customizations);
  visit("push", it.push);
  visit("caller", it.caller);
}

void fields(auto& visit, Is<Built> auto& it) {
  visit("names", it.names);
  visit("digest", it.digest);
  visit("warnings", it.warnings);
}

void fields(auto& visit, Is<MakePrebuild> auto& it) {
  visit("source", it.source);
  visit("config", it.config);
  visit("allow_unknown", it.allow_unknown);
  visit("trust", it.trust);
  visit("anew", it.anew);
  visit("caller", it.caller);
}

void fields(auto& visit, Is<Prebuild> auto& it) {
  visit("id", it.id);
  visit("source", it.source);
  visit("repository", it.repository);
  visit("branch", it.branch);
  visit("commit", it.commit);
  visit("config", it.config);
  visit("size", it.size);
  visit("created", it.created);
  visit("used", it.used);
  visit("made", it.made);
  visit("warnings", it.warnings);
}

void fields(auto& visit, Is<Publish> auto& it) {
  visit("port", it.port);
  visit("local", it.local);
}

void fields(auto& visit, Is<Import> auto& it) {
  visit("path", it.path);
  visit("name", it.name);
}

void fields(auto& visit, Is<Export> auto& it) {
  visit("path", it.path);
  visit("name", it.name);
}

void fields(auto& visit, Is<Pull> auto& it) {
  visit("name", it.name);
  visit("caller", it.caller);
}

void fields(auto& visit, Is<Image> auto& it) {
  visit("name", it.name);
  visit("digest", it.digest);
  visit("size", it.size);
  visit("created", it.created);
  visit("kind", it.kind);
}

void fields(auto& visit, Is<Login> auto& it) {
  visit("registry", it.registry);
  visit("user", it.user);
  visit("password", it.password);
}

void fields(auto& visit, Is<Change> auto& it) {
  visit("environment", it.environment);
  visit("what", it.what);
  visit("state", it.state);
  visit("detail", it.detail);
  visit("time", it.time);
}

void fields(auto& visit, Is<Operation> auto& it) {
  visit("id", it.id);
  visit("kind", it.kind);
  visit("environment", it.environment);
  visit("state", it.state);
  visit("begun", it.begun);
  visit("error", it.error);
  visit("result", it.result);
  visit("built", it.built);
  visit("prebuild", it.prebuild);
}

void fields(auto& visit, Is<Progress> auto& it) {
  visit("step", it.step);
  visit("subject", it.subject);
  visit("detail", it.detail);
  visit("done", it.done);
  visit("total", it.total);
  visit("finished", it.finished);
}

template <class T>
json::value written(const T& value) {
  Writer writer;
  fields(writer, value);
  return std::move(writer.object);
}

template <class T>
Result<T> made(const json::value& from) {
  T value;
  Reader reader(from);
  fields(reader, value);
  if (reader.error()) return tl::unexpected(*reader.error());
  return value;
}

}  // namespace

#define PHOTON_WIRE(T)                                           \
  json::value to_json(const T& value) { return written(value); } \
  Result<T> read(const json::value& from, T*) { return made<T>(from); }
PHOTON_WIRE(Version)
PHOTON_WIRE(DaemonStatus)
PHOTON_WIRE(Check)
PHOTON_WIRE(Port)
PHOTON_WIRE(Service)
PHOTON_WIRE(Environment)
PHOTON_WIRE(Container)
PHOTON_WIRE(Caller)
PHOTON_WIRE(Dotfiles)
PHOTON_WIRE(Hooks)
PHOTON_WIRE(Up)
PHOTON_WIRE(Build)
PHOTON_WIRE(Built)
PHOTON_WIRE(MakePrebuild)
PHOTON_WIRE(Prebuild)
PHOTON_WIRE(Publish)
PHOTON_WIRE(Import)
PHOTON_WIRE(Export)
PHOTON_WIRE(Pull)
PHOTON_WIRE(Image)
PHOTON_WIRE(Login)
PHOTON_WIRE(Change)
PHOTON_WIRE(Operation)
PHOTON_WIRE(Progress)
#undef PHOTON_WIRE

int http_status(Kind kind) {
  switch (kind) {
    case Kind::usage:
      return 400;
    case Kind::denied:
      return 403;
    case Kind::not_found:
      return 404;
    case Kind::conflict:
    case Kind::needs_confirmation:
      return 409;
    case Kind::failed:
      return 422;
    case Kind::cancelled:
      return 499;
    case Kind::unavailable:
      return 503;
    case Kind::no_space:
      return 507;
    case Kind::internal:
    case Kind::corrupt:
      return 500;
  }
  return 500;
}

}  // namespace photon::wire
