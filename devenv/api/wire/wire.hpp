// The API's bodies as structs, to and from JSON. Fields are only ever added; unknown ones are ignored.
// devenv/api/openapi/components.yaml describes the same, and a test holds the two together.
//
// HTTP/1.1 over the Unix socket Paths::api_socket(). Errors: {"error": core/json's to_json(Error)} with 400
// usage, 403 denied, 404 not-found, 409 conflict and needs-confirmation, 422 failed, 500 internal and
// corrupt, 503 unavailable, 507 no-space, 499 cancelled.
//
// GET    /v1/version                        Version
// GET    /v1/status                         DaemonStatus
// GET    /v1/doctor                         [Check]
// GET    /v1/openapi                        the document (YAML)
// GET    /v1/environments[?folder=PATH|labels=["NAME=VALUE"]|id=ID]     [Environment]; asked for one: that,
// or
// []
// POST   /v1/environments                   Up → 202 Operation
// GET    /v1/environments/NAME              Environment
// GET    /v1/environments/NAME/container    Container
// DELETE /v1/environments/NAME[?confirmed=true]  → 202 Operation; 409 needs-confirmation at once if work
// would be lost POST   /v1/environments/NAME/start|stop|rebuild   Caller → 202 Operation GET
// /v1/environments/NAME/logs[?follow=true&service=NAME]   text/plain, chunked GET /v1/environments/NAME/ports
// [Port]; POST Publish → Port;  DELETE /ports/PORT GET    /v1/operations                     [Operation] GET
// /v1/operations/ID                  Operation;  DELETE cancels GET    /v1/operations/ID/events SSE:
// "progress" Progress, "warning" text, "end" Operation GET    /v1/events                         SSE:
// "change" Change, for ever GET    /v1/images[?all=true]              [Image];  DELETE /v1/images?name=REF
// POST   /v1/images/import                  Import → 202 Operation;  POST /v1/images/gc → {"freed": bytes}
// GET    /v1/prebuilds                      [Prebuild];  POST MakePrebuild → 202 Operation;  DELETE /ID
// GET    /v1/logins  [registry];  POST /v1/logins Login (checked, then stored);  DELETE
// /v1/logins?registry=HOST POST   /v1/shutdown                       stops the daemon (?all=true:
// environments, containerd and network, too)
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "devenv/core/error.hpp"
#include "devenv/core/json.hpp"
#include "devenv/core/secret.hpp"
#include "devenv/core/work.hpp"

namespace photon::wire {

struct Version {
  std::string version;
  std::string api = "v1";
};

struct DaemonStatus {
  std::string version;
  std::int64_t pid = 0;
  bool system = false;  ///< the machine's daemon, or one user's
  std::string engine;   ///< "containerd 1.6.20 (private)"
  std::string runtime;  ///< "crun 1.8.1"
  std::uint64_t environments = 0;
  std::uint64_t running = 0;
  std::string data;
  std::string ssh;        ///< "127.0.0.1:2222", or "" without a TCP port
  std::uint64_t rss = 0;  ///< bytes
  std::string read_only;  ///< "" or why no change is accepted
};

struct Check {
  std::string level;  ///< ok, warn, fail
  std::string text;
  std::string hint;
  std::string name;  ///< what was looked at: engine, runtime, namespaces, … (for programs; never changes)
};

struct Port {
  unsigned port = 0;
  unsigned local = 0;
  std::string label;
  std::string process;
  bool forwarded = false;
  std::string protocol;
  std::string host{};  ///< "" = the environment itself; else what it knows by that name
};

/// Of a compose project, beside the environment's own container.
struct Service {
  std::string name;
  std::string image;
  std::string state;  ///< running, ended, missing, unknown
  std::int64_t exit_status = 0;
};

struct Environment {
  std::string id;
  std::string name;
  std::string state;
  std::string host;
  std::string source;
  std::string repository;
  std::string branch;
  std::uint64_t dirty = 0;
  std::uint64_t unpushed = 0;
  std::string folder;
  std::string workspace;
  std::string user;
  std::string image;
  std::string project;  ///< of compose files
  std::int64_t created = 0;
  std::string failure;
  bool config_changed = false;
  std::vector<Port> ports;
  std::vector<Service> services;
  std::vector<std::string> warnings;
  std::string hooks;  ///< of an `up`: "done", or where it was told to end: "waited", "content", "created"
};

/// What a container was made with.
struct Container {
  std::vector<std::string> env;
  std::vector<std::string> metadata;  ///< JSON, below the file: the image's label, then each feature
  std::string configuration;          ///< the text of its file as it is now
};

/// What the CLI tells about its user. uid and gid come from the socket.
struct Caller {
  std::string home;
  std::string folder;
  std::string agent_socket;
  std::map<std::string, std::string> environment;
  std::vector<std::string> public_keys;
};

struct Dotfiles {
  std::string repository;
  std::string install;
  std::string target;
};

struct Hooks {
  bool only_waited = false;
  bool prebuild = false;
  bool before_start = false;
  bool skip_attach = false;
  std::vector<std::string> env;
  std::map<std::string, Secret> secrets;
  Dotfiles dotfiles;
};

struct Up {
  std::string source;
  std::string name;
  std::string config;
  bool allow_unknown = false;
  bool recreate = false;
  bool skip_hooks = false;
  bool trust = false;
  std::string configuration;
  std::vector<std::string> labels;
  std::string expect;
  bool initialize = false;
  std::string lock;
  std::string probe;
  std::string update_uid;
  std::string also;
  std::string secrets;  ///< that the file declares: "" (neither kept nor missed), "told", "asked"
  Hooks hooks;
  Caller caller;
};

/// An image of a folder's configuration.
struct Build {
  std::string folder;
  std::string config;
  std::string configuration;
  bool allow_unknown = false;
  std::string lock;
  std::vector<std::string> names;
  std::vector<std::string> labels;
  std::string platform;
  bool anew = false;
  bool leave_out_customizations = false;
  bool push = false;
  Caller caller;
};

struct Built {
  std::vector<std::string> names;
  std::string digest;
  std::vector<std::string> warnings;
};

/// What the first hooks of a repository leave, for environments to begin from.
struct MakePrebuild {
  std::string source;  ///< URL
  std::string config;
  bool allow_unknown = false;
  bool trust = false;
  bool anew = false;
  Caller caller;
};

struct Prebuild {
  std::string id;
  std::string source;
  std::string repository;
  std::string branch;
  std::string commit;
  std::string config;
  std::uint64_t size = 0;
  std::int64_t created = 0;
  std::int64_t used = 0;  ///< 0: not yet
  bool made = false;      ///< by the operation that tells of it; else it was there
  std::vector<std::string> warnings;
};

struct Publish {
  unsigned port = 0;
  unsigned local = 0;
};

struct Import {
  std::string path;  ///< absolute
  std::string name;
};

struct Export {
  std::string path;  ///< absolute; a new file in a folder of the caller's
  std::string name;
};

struct Pull {
  std::string name;
  Caller caller;
};

struct Image {
  std::string name;
  std::string digest;
  std::uint64_t size = 0;
  std::int64_t created = 0;
  std::string kind = "image";  ///< or "feature", "download", "steps": what is no image, and takes space
};

struct Login {
  std::string registry;  ///< or the host of a git server
  std::string user;
  Secret password;
};

struct Change {
  std::string environment;
  std::string what;
  std::string state;
  std::string detail;
  std::int64_t time = 0;
};

struct Operation {
  std::string id;
  std::string kind;         ///< up, start, stop, rebuild, delete, build, prebuild, import, export, pull
  std::string environment;  ///< name, once it is known
  std::string state;        ///< running, done, failed, cancelled
  std::int64_t begun = 0;
  std::optional<Error> error;
  std::optional<Environment> result;
  std::optional<Built> built;
  std::optional<Prebuild> prebuild;
};

#define PHOTON_WIRE(T)                 \
  json::value to_json(const T& value); \
  Result<T> read(const json::value& from, T*)
PHOTON_WIRE(Version);
PHOTON_WIRE(DaemonStatus);
PHOTON_WIRE(Check);
PHOTON_WIRE(Port);
PHOTON_WIRE(Service);
PHOTON_WIRE(Environment);
PHOTON_WIRE(Container);
PHOTON_WIRE(Caller);
PHOTON_WIRE(Dotfiles);
PHOTON_WIRE(Hooks);
PHOTON_WIRE(Up);
PHOTON_WIRE(Build);
PHOTON_WIRE(Built);
PHOTON_WIRE(MakePrebuild);
PHOTON_WIRE(Prebuild);
PHOTON_WIRE(Publish);
PHOTON_WIRE(Import);
PHOTON_WIRE(Export);
PHOTON_WIRE(Pull);
PHOTON_WIRE(Image);
PHOTON_WIRE(Login);
PHOTON_WIRE(Change);
PHOTON_WIRE(Operation);
PHOTON_WIRE(Progress);
#undef PHOTON_WIRE

/// `PHOTON_TRY(auto up, wire::parse<wire::Up>(value));`
template <class T>
Result<T> parse(const json::value& from) {
  return read(from, static_cast<T*>(nullptr));
}
template <class T>
Result<std::vector<T>> parse_list(const json::value& from) {
  std::vector<T> all;
  if (!from.is_array()) return fail(Kind::internal, "wire.list", "a list was expected");
  for (const auto& item : from.get_array()) {
    PHOTON_TRY(T one, parse<T>(item));
    all.push_back(std::move(one));
  }
  return all;
}

int http_status(Kind kind);

}  // namespace photon::wire
