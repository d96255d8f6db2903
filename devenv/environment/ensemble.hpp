// A compose project as an environment has it: one of its services is the environment, others run beside it.
#pragma once
#include "devenv/compose/compose.hpp"
#include "devenv/environment/container.hpp"
#include "devenv/environment/inputs.hpp"

namespace photon::environment {

struct Ensemble {
  compose::Project project;
  std::vector<std::string> order;             ///< services that run, the environment's among them
  std::string main;                           ///< the environment's
  std::string repository;                     ///< nothing outside of it is read
  std::map<std::string, spec::Build> builds;  ///< by service

  [[nodiscard]] const compose::Service& service(const std::string& name) const { return *project.find(name); }
  [[nodiscard]] const compose::Service& own() const { return service(main); }
  /// Of all that containers are made from.
  [[nodiscard]] std::string digest() const;
  /// The service whose network that one is in: itself, or the end of `network_mode: service:…`.
  [[nodiscard]] const compose::Service& network_of(const std::string& name) const;
};

/// Reads the plan's compose files; what they were is noted in `seen`. `git_root`: of the repository that the
/// folder is in. Warnings are told in `record`.
Result<Ensemble> read_ensemble(const spec::Plan& plan, const std::string& git_root, Record& record,
                               const Caller& caller, bool allow_unknown, Inputs& seen);

/// What the service says, below what devcontainer.json does.
void put_service_below(const Ensemble& ensemble, const Record& record, spec::Plan& plan);

/// Its command and user instead of the image's.
void put_command(const compose::Service& service, image::ImageConfig& image);

/// A mount in a plan's words; `record` names what is the environment's own.
spec::PlanMount plan_mount(const compose::Mount& mount, const Ensemble& ensemble, const Record& record);

/// For trust.hpp: what services beside the environment's ask of this machine.
std::vector<std::string> services_ask(const Ensemble& ensemble, const Record& record, bool as_root);

}  // namespace photon::environment
