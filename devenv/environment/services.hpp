// The containers beside an environment's own: made, connected, started in order, waited for.
#pragma once
#include <set>

#include "devenv/environment/ensemble.hpp"
#include "devenv/environment/names.hpp"
#include "devenv/environment/provision.hpp"

namespace photon::environment {

class Services {
 public:
  /// `save` writes the record to the journal: before anything that it names is made.
  Services(Parts parts, Record& record, const Ensemble& ensemble, const Caller& caller, const Work& work,
           std::function<Result<void>()> save)
      : parts_(parts),
        record_(record),
        ensemble_(ensemble),
        caller_(caller),
        work_(work),
        save_(std::move(save)) {}

  /// Images of all of them. `anew`: what has changed is made again; else containers stay what they are.
  Result<void> find_images(bool anew, Builds::Hold& hold);
  /// Takes away containers of services that the project does not have any more.
  Result<void> leave_out_gone();
  /// A network for each, and the names by which they know each other.
  Result<void> connect(const spec::Plan& plan);
  /// The environment's own container, all but its network.
  Result<engine::ContainerSpec> own_spec(const spec::Plan& plan, const image::ImageConfig& image);
  /// Those that come before the environment's own container, then the others.
  Result<void> start_first();
  Result<void> start_rest();
  /// Services that have failed meanwhile, a sentence each.
  [[nodiscard]] std::vector<std::string> failures() const;

 private:
  Result<void> start(const std::string& name);
  Result<void> ensure(const std::string& name);
  Result<engine::ContainerSpec> spec_of(const std::string& name);
  Result<void> mount_all(const std::string& name, engine::ContainerSpec& spec);
  Result<void> wait_for(const std::string& name, const compose::Dependency& dependency);
  Result<void> wait_until_healthy(const std::string& name, const compose::Dependency& dependency);
  Result<void> wait_until_done(const std::string& name, const compose::Dependency& dependency);
  [[nodiscard]] std::optional<compose::Health> health_of(const std::string& name) const;
  [[nodiscard]] tl::unexpected<Error> ended(const std::string& name, int status, const Place& where) const;
  [[nodiscard]] std::string id_of(const std::string& name) const;
  [[nodiscard]] Folders folders(const std::string& name) const {
    return folders_of(parts_.host.paths(), id_of(name));
  }
  [[nodiscard]] std::vector<Named> seen_from(const std::string& name) const;
  [[nodiscard]] std::set<std::string> names_for(const std::string& viewer, const std::string& name) const;
  [[nodiscard]] bool is_main(const std::string& name) const { return name == ensemble_.main; }
  Beside& beside(const std::string& name);
  [[nodiscard]] const Beside& beside_of(const std::string& name) const;

  Parts parts_;
  Record& record_;
  const Ensemble& ensemble_;
  const Caller& caller_;
  const Work& work_;
  std::function<Result<void>()> save_;
  bool anew_ = false;
  std::set<std::string> started_;
  std::map<std::string, image::ImageConfig> images_;
  std::map<std::string, network::Attachment> attached_;  ///< by the service whose network it is
};

/// What the project's services publish.
std::vector<WantedPort> published_by(const Ensemble& ensemble);

/// The id of a service's container, the same each time.
std::string beside_id(const std::string& environment, const std::string& service);

}  // namespace photon::environment
