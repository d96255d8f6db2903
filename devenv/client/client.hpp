// The API's caller for CLI and tests: blocking, one socket a call, no Beast. Starts the user's daemon on
// demand.
#pragma once
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "devenv/api/wire/wire.hpp"
#include "devenv/core/paths.hpp"
#include "devenv/inside/broker.hpp"

namespace photon::client {

class Client {
 public:
  /// Order: DEVENV_SOCKET; the user's own daemon if its socket answers; the machine's daemon (/run/devenv) if
  /// it answers and lets us in; else the user's own is started (`start_daemon`) and waited for (at most 10 s;
  /// its own words are shown if it fails). Root's own is the machine's.
  static Result<Client> open(bool start_daemon = true);
  explicit Client(Paths paths) : paths_(std::move(paths)) {}

  Result<wire::Version> version();
  Result<wire::DaemonStatus> status();
  Result<std::vector<wire::Check>> doctor();
  Result<std::vector<wire::Environment>> environments();
  Result<wire::Environment> environment(const std::string& name);
  Result<std::optional<wire::Environment>> environment_of(const std::string& folder);
  /// NAME=VALUE each: the one that has all of them.
  Result<std::optional<wire::Environment>> environment_with(const std::vector<std::string>& labels);
  /// By its id or name.
  Result<std::optional<wire::Environment>> environment_by_id(const std::string& id);
  Result<wire::Container> container(const std::string& name);
  Result<wire::Operation> up(const wire::Up& request);
  Result<wire::Operation> build(const wire::Build& request);
  Result<wire::Operation> make_prebuild(const wire::MakePrebuild& request);
  Result<std::vector<wire::Prebuild>> prebuilds();
  Result<void> remove_prebuild(const std::string& id);
  Result<wire::Operation> act(const std::string& name, const std::string& verb, const wire::Caller& caller);
  Result<wire::Operation> remove(const std::string& name, bool confirmed);
  /// To the end of the stream, or until `stop` (the caller then cancels or detaches).
  Result<void> logs(const std::string& name, const std::string& service, bool follow,
                    const std::function<Result<void>(std::string_view)>& sink, std::stop_token stop);
  Result<std::vector<wire::Port>> ports(const std::string& name);
  Result<wire::Port> publish(const std::string& name, const wire::Publish& request);
  Result<void> unpublish(const std::string& name, unsigned port);
  Result<std::vector<wire::Operation>> operations();
  Result<void> cancel(const std::string& operation);
  /// Follows an operation to its end; `stop` makes it return kind cancelled at once, the operation goes on.
  Result<wire::Operation> follow(const std::string& operation, const ProgressSink& progress,
                                 const std::function<void(const std::string&)>& warning,
                                 std::stop_token stop);
  Result<void> events(const std::function<void(const wire::Change&)>& sink, std::stop_token stop);
  /// `all`: and what else takes space, by its kind.
  Result<std::vector<wire::Image>> images(bool all = false);
  Result<void> remove_image(const std::string& name);
  Result<wire::Operation> import_image(const wire::Import& request);
  Result<wire::Operation> export_image(const wire::Export& request);
  Result<wire::Operation> pull_image(const wire::Pull& request);
  Result<std::uint64_t> collect_images();
  Result<std::vector<std::string>> logins();
  Result<void> login(const wire::Login& request);
  Result<void> logout(const std::string& registry);
  Result<void> shut_down(bool all);

  Result<inside::Broker> broker();
  [[nodiscard]] const Paths& paths() const { return paths_; }

 private:
  Result<std::optional<wire::Environment>> only_one(const std::string& query);
  Result<json::value> call(const std::string& method, const std::string& target, const json::value* body);
  Result<json::value> call_once(const std::string& method, const std::string& target,
                                const json::value* body);
  Paths paths_;
  bool starts_daemon_ = false;  ///< `open` was asked to
};

/// Caller as it is here and now: folder, agent, keys (~/.ssh/*.pub, the agent's, devenv's own), environment.
wire::Caller this_caller(const Paths& paths);
/// The client key of this user for environments (made at first use): <config>/id_ed25519.
Result<std::string> own_key(const Paths& paths);

}  // namespace photon::client
