#include "tests/unit/api/fake_environments.hpp"

#include <sys/socket.h>

namespace photon::routes {

using environment::View;

namespace {
tl::unexpected<Error> unknown(const std::string& name) {
  return fail(Kind::not_found, "environment.unknown", "there is no environment " + name,
              "devenv ls shows them");
}
}  // namespace

Result<View> FakeEnvironments::up(const environment::UpRequest& request, const environment::Caller& caller,
                                  const Work& work) {
  work.report({"clone", request.source, "1 file", 1, 2, false});
  work.report({"clone", request.source, "2 files", 2, 2, true});
  while (hang && !work.stopped()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  if (work.stopped()) return cancelled();
  if (request.source == "broken") return fail(Kind::denied, "git.denied", "no access", "log in");
  if (request.source == "throws") throw std::runtime_error("a surprise");
  View view{.id = "1", .name = request.name, .state = State::running};
  view.source = request.source;
  view.warnings = {"one warning"};
  add(view);
  std::unique_lock lock(mutex_);
  caller_ = caller;
  return view;
}

Result<View> FakeEnvironments::change(const std::string& name, State state) {
  std::unique_lock lock(mutex_);
  auto found = all_.find(name);
  if (found == all_.end()) return unknown(name);
  found->second.state = state;
  return found->second;
}

Result<environment::Built> FakeEnvironments::build(const environment::BuildRequest& request,
                                                   const environment::Caller& caller, const Work&) {
  std::unique_lock lock(mutex_);
  caller_ = caller;
  return environment::Built{request.names, "sha256:0", {"a warning"}};
}

Result<environment::PrebuildView> FakeEnvironments::prebuild(const environment::PrebuildRequest& request,
                                                             const environment::Caller& caller, const Work&) {
  std::unique_lock lock(mutex_);
  caller_ = caller;
  environment::PrebuildView view{.id = "p1", .source = request.source, .config = request.config};
  view.size = 7;
  view.made = request.anew && request.trust && request.allow_unknown;
  view.warnings = {"a warning"};
  prebuilds_ = {view};
  return view;
}

Result<std::vector<environment::PrebuildView>> FakeEnvironments::prebuilds() {
  std::unique_lock lock(mutex_);
  return prebuilds_;
}

Result<void> FakeEnvironments::remove_prebuild(const std::string& id) {
  std::unique_lock lock(mutex_);
  if (std::erase_if(prebuilds_, [&](const auto& one) { return one.id == id; }) > 0) return {};
  return fail(Kind::not_found, "prebuild.unknown", "there is no prebuild " + id);
}

Result<View> FakeEnvironments::start(const std::string& name, const environment::Caller&, const Work&) {
  return change(name, State::running);
}
Result<View> FakeEnvironments::stop(const std::string& name, const Work&) {
  return change(name, State::stopped);
}
Result<View> FakeEnvironments::rebuild(const std::string& name, const environment::Caller&, const Work&) {
  return change(name, State::running);
}

Result<void> FakeEnvironments::removable(const std::string& name) {
  PHOTON_TRY(auto found, view(name));
  if (found.dirty == 0) return {};
  return fail(Kind::needs_confirmation, "environment.would-lose", name + " has work that exists nowhere else",
              "3 files not committed");
}

Result<void> FakeEnvironments::remove(const std::string& name, bool, const Work&) {
  std::unique_lock lock(mutex_);
  all_.erase(name);
  return {};
}

Result<std::vector<View>> FakeEnvironments::list() {
  std::unique_lock lock(mutex_);
  std::vector<View> views;
  for (const auto& [name, view] : all_) views.push_back(view);
  return views;
}

Result<View> FakeEnvironments::view(const std::string& name) {
  std::unique_lock lock(mutex_);
  auto found = all_.find(name);
  if (found == all_.end()) return unknown(name);
  return found->second;
}

Result<std::optional<View>> FakeEnvironments::by_folder(const std::string& folder) {
  std::unique_lock lock(mutex_);
  std::optional<View> found;
  for (const auto& [name, view] : all_)
    if (view.folder == folder) found = view;
  return found;
}

Result<std::optional<View>> FakeEnvironments::by_labels(const std::vector<std::string>& labels) {
  if (labels != std::vector<std::string>{"a=b c", "d=\"e\""}) return std::nullopt;
  return by_folder("/here/web");
}

Result<std::optional<View>> FakeEnvironments::by_id(const std::string& id) {
  std::unique_lock lock(mutex_);
  std::optional<View> found;
  for (const auto& [name, view] : all_)
    if (view.id == id) found = view;
  return found;
}

Result<environment::ContainerView> FakeEnvironments::container(const std::string& name) {
  PHOTON_CHECK(view(name));
  return environment::ContainerView{{"A=b"}, {R"([{"init":true}])"}};
}

Result<Fd> FakeEnvironments::inside(const std::string& name) {
  PHOTON_CHECK(view(name));
  PHOTON_TRY(auto pair, make_socketpair(SOCK_SEQPACKET));
  return std::move(pair.first);
}

Result<environment::ExecContext> FakeEnvironments::exec_context(const std::string& name) {
  PHOTON_CHECK(view(name));
  return environment::ExecContext{{"A=b"}, "dev", "/workspaces/web", "/bin/bash"};
}

bool FakeEnvironments::authorized(const std::string& name, const std::string& public_key) {
  return name == "web" && public_key == "ssh-ed25519 GOOD";
}

Result<std::vector<environment::Port>> FakeEnvironments::ports(const std::string& name) {
  PHOTON_TRY(auto found, view(name));
  return found.ports;
}

Result<environment::Port> FakeEnvironments::publish(const std::string& name, unsigned port, unsigned local) {
  PHOTON_CHECK(view(name));
  environment::Port made{.port = port, .local = local == 0 ? port : local};
  std::unique_lock lock(mutex_);
  all_[name].ports.push_back(made);
  return made;
}

Result<void> FakeEnvironments::unpublish(const std::string& name, unsigned port) {
  PHOTON_CHECK(view(name));
  std::unique_lock lock(mutex_);
  std::erase_if(all_[name].ports, [&](const auto& each) { return each.port == port; });
  return {};
}

Result<std::string> FakeEnvironments::log_file(const std::string& name, const std::string& /*service*/) {
  PHOTON_CHECK(view(name));
  return log_path;
}

void FakeEnvironments::add(View view) {
  std::unique_lock lock(mutex_);
  all_[view.name] = std::move(view);
}

environment::Caller FakeEnvironments::last_caller() {
  std::unique_lock lock(mutex_);
  return caller_;
}

RunningApi::RunningApi()
    : paths_{folder_.path, folder_.path, folder_.path, folder_.path},
      services_{
          .environments = environments,
          .operations = operations_,
          .events = events,
          .followers = followers_,
          .login_file = folder_.path + "/logins.json",
          .version = "1.2.3",
          .status = [] { return wire::DaemonStatus{.version = "1.2.3", .pid = 7}; },
          .doctor = [] { return std::vector<wire::Check>{{"ok", "fine", ""}, {"fail", "bad", "mend it"}}; },
          .shut_down = [this](bool all) -> Result<void> {
            shut_down = all ? 2 : 1;
            return {};
          }},
      server_(loop_, requests_, make_handler(services_), [](const Peer&) { return true; }) {
  environments.log_path = folder_.path + "/log";
  auto socket = listen_unix(paths_.api_socket(), SOCK_STREAM);
  if (!socket || !server_.listen(std::move(*socket))) std::abort();
  thread_ = std::thread([this] { loop_.run(); });
}

RunningApi::~RunningApi() {
  boost::asio::post(loop_, [this] { server_.stop(); });
  followers_.stop();
  workers_.stop();
  requests_.stop();
  boost::asio::post(loop_, [this] { loop_.stop(); });
  thread_.join();
}

}  // namespace photon::routes
