// Environments in memory, behind the real server and called by the real client.
#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <mutex>
#include <thread>

#include "devenv/api/http/server.hpp"
#include "devenv/api/routes/router.hpp"
#include "devenv/client/client.hpp"
#include "tests/fixtures/temp_folder.hpp"

namespace photon::routes {

class FakeEnvironments final : public environment::Environments {
 public:
  std::string log_path;
  std::atomic<bool> hang = false;  ///< `up` then waits until it is cancelled

  Result<environment::View> up(const environment::UpRequest& request, const environment::Caller& caller,
                               const Work& work) override;
  Result<environment::Built> build(const environment::BuildRequest& request,
                                   const environment::Caller& caller, const Work&) override;
  Result<environment::PrebuildView> prebuild(const environment::PrebuildRequest& request,
                                             const environment::Caller& caller, const Work&) override;
  Result<std::vector<environment::PrebuildView>> prebuilds() override;
  Result<void> remove_prebuild(const std::string& id) override;
  Result<environment::View> start(const std::string& name, const environment::Caller&, const Work&) override;
  Result<environment::View> stop(const std::string& name, const Work&) override;
  Result<environment::View> rebuild(const std::string& name, const environment::Caller&,
                                    const Work&) override;
  Result<void> removable(const std::string& name) override;
  Result<void> remove(const std::string& name, bool confirmed, const Work&) override;
  Result<std::vector<environment::View>> list() override;
  Result<environment::View> view(const std::string& name) override;
  Result<std::optional<environment::View>> by_folder(const std::string& folder) override;
  Result<std::optional<environment::View>> by_labels(const std::vector<std::string>& labels) override;
  Result<std::optional<environment::View>> by_id(const std::string& id) override;
  Result<environment::ContainerView> container(const std::string& name) override;
  Result<Fd> inside(const std::string& name) override;
  Result<environment::ExecContext> exec_context(const std::string& name) override;
  bool authorized(const std::string& name, const std::string& public_key) override;
  Result<std::vector<environment::Port>> ports(const std::string& name) override;
  Result<environment::Port> publish(const std::string& name, unsigned port, unsigned local) override;
  Result<void> unpublish(const std::string& name, unsigned port) override;
  Result<std::string> log_file(const std::string& name, const std::string& service) override;
  Result<std::uint64_t> collect() override { return 0; }
  Result<std::vector<environment::Kept>> kept() override { return std::vector<environment::Kept>{}; }
  Result<void> reconcile() override { return {}; }

  void add(environment::View view);
  environment::Caller last_caller();

 private:
  Result<environment::View> change(const std::string& name, State state);
  std::mutex mutex_;
  std::map<std::string, environment::View> all_;
  environment::Caller caller_;
  std::vector<environment::PrebuildView> prebuilds_;
};

/// The whole API on a socket in a temporary folder.
class RunningApi {
 public:
  RunningApi();
  ~RunningApi();
  client::Client client() { return client::Client(paths_); }

  FakeEnvironments environments;
  Events events;
  std::atomic<int> shut_down = 0;

 private:
  fixtures::TempFolder folder_;
  Paths paths_;
  boost::asio::io_context loop_{1};
  http::Pool requests_{8};
  http::Pool workers_{4};
  http::Pool followers_{4};
  Operations operations_{workers_};
  Services services_;
  http::Server server_;
  std::thread thread_;
};

}  // namespace photon::routes
