#include "devenv/daemon/daemon.hpp"

#include <malloc.h>
#include <unistd.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <csignal>

#include "devenv/api/http/server.hpp"
#include "devenv/api/routes/convert.hpp"
#include "devenv/api/routes/router.hpp"
#include "devenv/core/derived.hpp"
#include "devenv/daemon/report.hpp"
#include "devenv/daemon/sockets.hpp"
#include "devenv/daemon/ssh.hpp"
#include "devenv/daemon/supervisor.hpp"
#include "devenv/ssh/keys.hpp"
#include "devenv/store/store.hpp"

namespace photon::daemon {
namespace {

constexpr unsigned request_threads = 16;
constexpr unsigned operation_threads = 16;
constexpr unsigned follower_threads = 32;
constexpr unsigned stop_seconds = 60;
constexpr std::chrono::seconds quiet_time{3};

/// In the order of building; the end goes backwards.
class Daemon {
 public:
  Daemon(Paths paths, namespaces::Entered entered, bool system, config::Config config)
      : paths_(std::move(paths)),
        entered_(std::move(entered)),
        config_(std::move(config)),
        facts_{.system = system},
        logins_(paths_.config, login_file()),
        supervisor_(loop_, [this] { begin_stop(); }) {}

  Result<void> open();
  Result<void> run();

 private:
  [[nodiscard]] std::string login_file() const { return paths_.config + "/logins.json"; }
  [[nodiscard]] bool admits(const Peer& peer) const;
  environment::Environments::Options environment_options();
  [[nodiscard]] host::Options host_options() const;
  [[nodiscard]] image::RegistryOptions registries() const;
  Result<void> open_services();
  Result<void> listen();
  void listen_on_tcp();
  Result<void> shut_down(bool all);
  Result<void> stop_environments();
  void rest_later();
  void begin_stop();
  Result<void> end();

  Paths paths_;
  namespaces::Entered entered_;
  config::Config config_;
  Facts facts_;
  image::Logins logins_;
  boost::asio::io_context loop_{1};
  routes::Events events_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<host::Host> host_;
  std::unique_ptr<environment::Environments> environments_;
  boost::asio::steady_timer quiet_{loop_};
  http::Pool requests_{request_threads, [this] { rest_later(); }};
  // Long work leaves a grown heap behind; it need not wait for the rest to end.
  http::Pool workers_{operation_threads, [this] {
                        ::malloc_trim(0);
                        rest_later();
                      }};
  http::Pool followers_{follower_threads};
  routes::Operations operations_{workers_};
  std::optional<routes::Services> services_;
  std::optional<http::Server> server_;
  std::shared_ptr<BrokerServer> broker_;
  std::string host_key_line_;  ///< for the known_hosts of our users
  std::shared_ptr<SshServer> ssh_;
  Supervisor supervisor_;
  bool stopping_ = false;
  std::atomic<bool> all_ = false;
};

/// The machine's sockets are guarded by their mode (root and the group devenv); a user's are the user's
/// alone. In our user namespace that user is number 0, as we are.
bool Daemon::admits(const Peer& peer) const { return facts_.system || peer.uid == ::geteuid(); }

environment::Environments::Options Daemon::environment_options() {
  environment::Environments::Options options;
  options.login_file = login_file();
  options.registries = registries();
  options.default_image = config_.default_image;
  options.authorized_keys = config_.ssh.authorized_keys;
  options.changed = [this](const environment::Change& change) { events_.publish(routes::to_wire(change)); };
  options.stored_login = [this](const std::string& host) -> std::optional<std::pair<std::string, Secret>> {
    auto found = logins_.find(host, {});
    if (!found || found->empty()) return std::nullopt;
    return std::pair(found->user, found->password);
  };
  return options;
}

image::RegistryOptions Daemon::registries() const {
  const auto& wanted = config_.registries;
  return {.plain_http = wanted.plain_http, .mirrors = wanted.mirrors, .ca_file = wanted.ca_file};
}

host::Options Daemon::host_options() const {
  host::Options wanted;
  wanted.paths = paths_;
  wanted.entered = entered_;
  wanted.system_containerd = config_.containerd.system == "never" ? "" : config_.containerd.socket;
  wanted.system_required = config_.containerd.system == "use";
  wanted.runtime = config_.containerd.runtime;
  wanted.registries = registries();
  return wanted;
}

Result<void> Daemon::open() {
  PHOTON_TRY(store_, store::Store::open(paths_.journal()));
  PHOTON_TRY(host_, host::Host::open(host_options()));
  PHOTON_TRY(environments_, environment::Environments::open(*store_, *host_, environment_options()));
  PHOTON_CHECK(open_services());
  return listen();
}

Result<void> Daemon::open_services() {
  services_.emplace(routes::Services{.environments = *environments_,
                                     .operations = operations_,
                                     .events = events_,
                                     .followers = followers_,
                                     .images = &host_->images(),
                                     .logins = &logins_,
                                     .login_file = login_file(),
                                     .registries = registries(),
                                     .version = std::string(version()),
                                     .status = [this] { return status(*environments_, *host_, facts_); },
                                     .doctor = [this] { return doctor(*host_, facts_); },
                                     .shut_down = [this](bool all) { return shut_down(all); }});
  auto admit = [this](const Peer& peer) { return admits(peer); };
  server_.emplace(loop_, requests_, routes::make_handler(*services_), admit);
  broker_ = std::make_shared<BrokerServer>(loop_, requests_, *environments_, admit);
  PHOTON_TRY(auto key, ssh::host_key(paths_.data + "/ssh_host_ed25519_key"));
  host_key_line_ = key.public_line + "\n";
  PHOTON_TRY(auto gateway, sibling_program("devenv-gateway"));
  ssh_ = std::make_shared<SshServer>(loop_, broker_, gateway, std::move(key.private_key));
  return {};
}

Result<void> Daemon::listen() {
  PHOTON_TRY(auto sockets, open_sockets(paths_, facts_.system));
  // Beside the sockets, so that whoever may connect can also know us.
  PHOTON_CHECK(write_derived(paths_.runtime + "/ssh_host_ed25519_key.pub", host_key_line_, 0644));
  ssh_->listen(std::move(sockets.ssh));
  if (!config_.ssh.listen.empty()) listen_on_tcp();
  PHOTON_CHECK(broker_->listen(std::move(sockets.broker)));
  return server_->listen(std::move(sockets.api));
}

/// A port that somebody else has must not keep the environments away: doctor tells.
void Daemon::listen_on_tcp() {
  auto made = listen_tcp(config_.ssh.listen);
  if (made) {
    ssh_->listen(std::move(made->socket));
    facts_.ssh = std::move(made->address);
  } else {
    facts_.ssh_fault = std::move(made.error());
    log::error(*facts_.ssh_fault);
  }
}

Result<void> Daemon::run() {
  // Beside the first requests: calls for an environment that is being mended wait for it.
  workers_.run([this](const std::stop_token&) {
    if (auto mended = environments_->reconcile(); !mended) log::error(mended.error());
  });
  supervisor_.start();
  notify("READY=1");
  log::info("ready", {{"version", version()}, {"data", paths_.data}, {"socket", paths_.api_socket()}});
  loop_.run();
  return end();
}

Result<void> Daemon::stop_environments() {
  PHOTON_TRY(auto views, environments_->list());
  for (const auto& view : views) {
    if (view.state != State::running && view.state != State::creating) continue;
    PHOTON_CHECK(environments_->stop(view.name, {}));
  }
  return {};
}

Result<void> Daemon::shut_down(bool all) {
  if (all) {
    operations_.cancel_all();
    PHOTON_CHECK(stop_environments());
    all_ = true;
  }
  boost::asio::post(loop_, [this] { begin_stop(); });
  return {};
}

/// After a while without work, connections that wake us up are closed, and what the heap no longer holds
/// goes back to the machine.
void Daemon::rest_later() {
  boost::asio::post(loop_, [this] {
    if (stopping_) return;
    quiet_.expires_after(quiet_time);  // and an earlier wait ends
    quiet_.async_wait([this](const boost::system::error_code& error) {
      if (error) return;
      host_->rest();
      ::malloc_trim(0);
    });
  });
}

void Daemon::begin_stop() {
  if (std::exchange(stopping_, true)) return;
  log::info("stopping");
  notify("STOPPING=1");
  quiet_.cancel();
  ::alarm(stop_seconds);  // a library that hangs must not keep us: SIGALRM ends the process
  server_->stop();
  broker_->stop();
  ssh_->stop();
  operations_.cancel_all();
  supervisor_.finish();
}

/// The workers end, the containers live on.
Result<void> Daemon::end() {
  followers_.stop();
  workers_.stop();
  requests_.stop();
  environments_.reset();
  if (all_) PHOTON_CHECK(host_->shut_down());
  host_.reset();
  if (all_ && entered_.user) PHOTON_CHECK(namespaces::leave(paths_.runtime));
  store_.reset();
  log::info("stopped");
  return {};
}

}  // namespace

Result<void> serve(const Paths& paths, const namespaces::Entered& entered, bool system,
                   config::Config config) {
  std::signal(SIGPIPE, SIG_IGN);
  Daemon daemon(paths, entered, system, std::move(config));
  PHOTON_CHECK(daemon.open());
  return daemon.run();
}

}  // namespace photon::daemon
