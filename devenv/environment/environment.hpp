// The life of environments: up, stop, start, rebuild, remove; journaled, idempotent, reconciled after a
// crash. Every call blocks and belongs on a worker thread; calls for one environment wait for each other.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "devenv/core/state.hpp"
#include "devenv/core/work.hpp"
#include "devenv/git/git.hpp"
#include "devenv/host/host.hpp"
#include "devenv/inside/protocol.hpp"
#include "devenv/spec/spec.hpp"
#include "devenv/store/store.hpp"

namespace photon::environment {

/// Whose work it is and what of theirs may be used; the CLI sends it along, the daemon fills in uid and gid.
struct Caller {
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::string home;
  std::string folder;  ///< current folder
  std::string agent_socket;
  std::map<std::string, std::string> environment;  ///< for ${localEnv:…}; never stored
  std::vector<std::string> public_keys;            ///< authorized_keys lines that may enter the environment
};

/// A repository of the user's own settings, cloned and installed inside once, after postCreateCommand.
struct Dotfiles {
  std::string repository;  ///< "": none
  std::string install;     ///< command below it; "" = the first usual one that is there
  std::string target = "~/dotfiles";
};

/// How far the lifecycle commands go in the container, and what they get beside the environment.
struct HookOptions {
  bool only_waited = false;               ///< no further than waitFor says
  bool prebuild = false;                  ///< no further than updateContentCommand, which runs again
  bool before_start = false;              ///< no further than postCreateCommand and dotfiles
  bool skip_attach = false;               ///< no postAttachCommand
  std::vector<std::string> env;           ///< NAME=VALUE, where the configuration does not set it
  std::map<std::string, Secret> secrets;  ///< variables that no log shows
  Dotfiles dotfiles;
};

struct UpRequest {
  std::string source;  ///< URL or path; "" = the caller's folder
  std::string name;    ///< "" = from the source
  std::string config;  ///< --config
  bool allow_unknown = false;
  bool recreate = false;  ///< rebuild: container anew, workspace kept
  bool skip_hooks = false;
  bool trust = false;               ///< a clone may do on this machine what its devcontainer.json asks for
  std::string configuration;        ///< instead of what stands in the file `config`; counts with it
  std::vector<std::string> labels;  ///< NAME=VALUE: the environment that has these, whatever its source
  std::string expect;               ///< "", "made", "running": an error if it is not
  bool initialize = false;          ///< initializeCommand also where the container runs already
  std::string lock;                 ///< "", "none" (neither read nor written), "frozen" (exists and stays)
  std::string probe;                ///< userEnvProbe where nothing says it
  std::string update_uid;           ///< updateRemoteUserUID: "", "off" (where nothing says it), "never"
  /// JSON: lifecycle commands and remoteEnv that count after those of its own file, this time; "" = none.
  std::string also;
  /// Those that the file declares: "" (neither kept nor missed), "told" (kept; of what is missing there is a
  /// warning), "asked" (kept; what is missing is an error that whoever called answers).
  std::string secrets;
  HookOptions hooks;
  std::string prebuild;  ///< what it is made for, from within: "", "make" (where there is none), "anew"
};

/// What the first hooks of a repository leave, kept for environments to begin from.
struct PrebuildRequest {
  std::string source;  ///< URL; a folder of the user's own is used in place and has none
  std::string config;  ///< as UpRequest's
  bool allow_unknown = false;
  bool trust = false;  ///< as UpRequest's
  bool anew = false;   ///< even if nothing has changed
};

struct PrebuildView {
  std::string id;
  std::string source;
  std::string repository;  ///< "acme/web"
  std::string branch;
  std::string commit;
  std::string config;
  std::uint64_t size = 0;  ///< bytes
  std::int64_t created = 0;
  std::int64_t used = 0;  ///< 0: nothing has begun from it yet
  bool made = false;      ///< just now; else it was there
  std::vector<std::string> warnings;
};

/// An image of all that an environment of the folder would be made from.
struct BuildRequest {
  std::string folder;         ///< "" = the caller's
  std::string config;         ///< as UpRequest's
  std::string configuration;  ///< as UpRequest's
  bool allow_unknown = false;
  std::string lock;                       ///< as UpRequest's
  std::vector<std::string> names;         ///< at least one
  std::vector<std::string> labels;        ///< NAME=VALUE
  std::string platform;                   ///< "" = this machine's
  bool anew = false;                      ///< nothing that was built before is taken
  bool leave_out_customizations = false;  ///< of features, in the image's metadata
  bool push = false;                      ///< each name to its registry
};

struct Built {
  std::vector<std::string> names;  ///< complete
  std::string digest;
  std::vector<std::string> warnings;
};

/// What takes space beside the images that have a name.
struct Kept {
  std::string kind;  ///< "feature": a layer; "download": features as they came; "steps": of Dockerfiles
  std::string name;
  std::string key;
  std::uint64_t size = 0;  ///< bytes on the disk
};

struct Port {
  unsigned port = 0;   ///< inside
  unsigned local = 0;  ///< on 127.0.0.1 of this machine; 0 = not published
  std::string label;
  std::string process;     ///< "" = nobody listens
  bool forwarded = false;  ///< asked for by devcontainer.json or the user
  std::string protocol;
  bool configured = false;  ///< by devcontainer.json: goes when that asks for it no more
  std::string host{};       ///< "" = the environment itself; else a name that it reaches ("db")
};

/// What everybody may see of an environment.
/// A container of a compose project beside the environment's own.
struct ServiceView {
  std::string name;
  std::string image;
  std::string state;    ///< running, ended, missing, unknown: the engine does not answer
  int exit_status = 0;  ///< when ended
};

struct View {
  std::string id;
  std::string name;
  State state = State::creating;
  std::string host = "local";
  std::string source;
  std::string repository;  ///< "acme/web"
  std::string branch;
  std::uint64_t dirty = 0;
  std::uint64_t unpushed = 0;
  std::string folder;     ///< workspace on this machine
  std::string workspace;  ///< workspace folder inside
  std::string user;       ///< remote user
  std::string image;
  std::string project;  ///< of compose files; "" = none
  std::int64_t created = 0;
  std::string failure;          ///< one line, when failed
  bool config_changed = false;  ///< devcontainer.json differs from the one it was made from
  std::vector<Port> ports;
  std::vector<ServiceView> services;  ///< while it runs
  std::vector<std::string> warnings;
  std::string hooks;  ///< of `up`: "done", or where they were told to end: "waited", "content", "created"
};

/// What its container was made with.
struct ContainerView {
  std::vector<std::string> env;
  std::vector<std::string> metadata;  ///< JSON, below the file: the image's label, then each feature
  std::string configuration;          ///< the text of its file as it is now; "" = there is none
};

struct ExecContext {  ///< what a process of the user starts with: remote environment, user, folder
  std::vector<std::string> env;
  std::string user;
  std::string cwd;
  std::string shell;
  std::vector<std::string> fixed;  ///< names of variables that the configuration sets or unsets
};

/// Something changed: for the event stream.
struct Change {
  std::string environment;  ///< name
  std::string what;         ///< "state", "port", "removed", "progress"
  State state = State::creating;
  std::string detail;
};

class Environments {
 public:
  struct Options {
    std::function<void(const Change&)> changed;  ///< called from worker threads
    std::string default_image;                   ///< for a repository without devcontainer.json
    std::vector<std::string> authorized_keys;    ///< beside those that the owner of an environment had
    std::function<std::optional<std::pair<std::string, Secret>>(const std::string& host)> stored_login;
    std::string login_file;
    image::RegistryOptions registries;
  };
  static Result<std::unique_ptr<Environments>> open(store::Store& store, host::Host& host, Options options);
  virtual ~Environments() = default;

  virtual Result<View> up(const UpRequest& request, const Caller& caller, const Work& work) = 0;
  /// One image, with the metadata by which other tools start from it, too; nothing is built twice.
  virtual Result<Built> build(const BuildRequest& request, const Caller& caller, const Work& work) = 0;
  /// Runs the hooks up to updateContentCommand in an environment that is gone in the end, and keeps what they
  /// left for the next `up` of that commit, branch and plan. Older ones go.
  virtual Result<PrebuildView> prebuild(const PrebuildRequest& request, const Caller& caller,
                                        const Work& work) = 0;
  virtual Result<std::vector<PrebuildView>> prebuilds() = 0;
  virtual Result<void> remove_prebuild(const std::string& id) = 0;
  virtual Result<View> start(const std::string& name, const Caller& caller, const Work& work) = 0;
  virtual Result<View> stop(const std::string& name, const Work& work) = 0;
  virtual Result<View> rebuild(const std::string& name, const Caller& caller, const Work& work) = 0;
  /// What would be lost with it: work that exists nowhere else, volumes that no other environment has. If
  /// any: needs_confirmation, whose hint lists it.
  virtual Result<void> removable(const std::string& name) = 0;
  /// Without `confirmed` only what is removable.
  virtual Result<void> remove(const std::string& name, bool confirmed, const Work& work) = 0;

  virtual Result<std::vector<View>> list() = 0;
  /// By name, or by folder (the environment whose local folder is `folder` or above it).
  virtual Result<View> view(const std::string& name) = 0;
  virtual Result<std::optional<View>> by_folder(const std::string& folder) = 0;
  /// NAME=VALUE each: the one that has all of them.
  virtual Result<std::optional<View>> by_labels(const std::vector<std::string>& labels) = 0;
  /// By its id, or by its name.
  virtual Result<std::optional<View>> by_id(const std::string& id) = 0;
  virtual Result<ContainerView> container(const std::string& name) = 0;

  /// A fresh connection to the environment's init, for exec and forwarding; ensures that it runs.
  virtual Result<Fd> inside(const std::string& name) = 0;
  virtual Result<ExecContext> exec_context(const std::string& name) = 0;
  /// Whether that public key ("ssh-ed25519 AAAA…", no comment) may enter the environment.
  virtual bool authorized(const std::string& name, const std::string& public_key) = 0;

  virtual Result<std::vector<Port>> ports(const std::string& name) = 0;
  /// Publishes on 127.0.0.1:`local` (0 = the same number or the next free one). The listener is the daemon's.
  virtual Result<Port> publish(const std::string& name, unsigned port, unsigned local) = 0;
  virtual Result<void> unpublish(const std::string& name, unsigned port) = 0;
  /// Of its own start and hooks, or of that service beside it.
  virtual Result<std::string> log_file(const std::string& name, const std::string& service) = 0;

  /// Deletes images, built ones among them, layers of features and fetched features that no environment and
  /// no prebuild uses, and prebuilds from which nothing has begun for long; bytes freed.
  virtual Result<std::uint64_t> collect() = 0;

  /// All that `collect` looks at beside images.
  virtual Result<std::vector<Kept>> kept() = 0;

  /// Compares the journal with what is there and mends both ways. At start, and when containerd came back.
  virtual Result<void> reconcile() = 0;
};

}  // namespace photon::environment
