#include "devenv/environment/ensemble.hpp"

#include "devenv/core/digest.hpp"
#include "devenv/core/name.hpp"
#include "devenv/environment/base.hpp"
#include "devenv/environment/trust.hpp"

namespace photon::environment {
namespace {

/// The repository may begin above the folder that was named.
std::string repository_of(const std::string& folder, const std::string& git_root) {
  return !git_root.empty() && folder.starts_with(git_root + "/") ? git_root : folder;
}

Result<spec::Build> build_of(const compose::Build& from, const std::string& repository,
                             const compose::Inputs& inputs) {
  spec::Build build;
  build.dockerfile = from.dockerfile;
  build.context = from.context;
  build.repository = repository;
  build.args = from.args;
  build.target = from.target;
  build.options = from.options;
  PHOTON_TRY(auto text, inputs.read(from.dockerfile));
  if (!text)
    return fail_at(from.where, Kind::not_found, "compose.build",
                   fmt::format("there is no {}", shown(from.dockerfile, 200)),
                   "\"dockerfile\" is looked for from \"context\" on");
  build.digest = sha256_hex(*text);
  return build;
}

template <class T>
void set_in(std::vector<std::pair<std::string, T>>& all, const std::string& name, const T& value) {
  for (auto& [known, old] : all)
    if (known == name) {
      old = value;
      return;
    }
  all.emplace_back(name, value);
}

void add_new(std::vector<std::string>& to, const std::vector<std::string>& from) {
  for (const auto& one : from)
    if (std::find(to.begin(), to.end(), one) == to.end()) to.push_back(one);
}

/// The sources, by whatever path the service mounts them: they are shown as the remote user's.
bool holds_sources(const spec::PlanMount& mount, const Record& record) {
  return mount.type == "bind" && (record.folder + "/").starts_with(mount.source + "/");
}

}  // namespace

std::string Ensemble::digest() const {
  std::string sum = main;
  for (const auto& name : order) {
    sum += fmt::format("\n{} {}", name, service(name).digest);
    if (auto build = builds.find(name); build != builds.end()) sum += " " + build->second.digest;
  }
  return sha256_hex(sum);
}

const compose::Service& Ensemble::network_of(const std::string& name) const {
  const auto* found = &service(name);
  // Circles were refused when the project was read.
  while (found->network_mode.starts_with("service:")) found = &service(found->network_mode.substr(8));
  return *found;
}

Result<Ensemble> read_ensemble(const spec::Plan& plan, const std::string& git_root, Record& record,
                               const Caller& caller, bool allow_unknown, Inputs& seen) {
  const auto& wanted = *plan.compose;
  Ensemble ensemble;
  ensemble.repository = repository_of(record.folder, git_root);
  compose::Inputs inputs;
  inputs.files = wanted.files;
  inputs.local_folder = record.folder;
  inputs.repository = ensemble.repository;
  inputs.allow_unknown = allow_unknown;
  inputs.read = [&](const std::string& path) { return read_input_beneath(ensemble.repository, path, seen); };
  inputs.environment = [&](const std::string& name) -> std::optional<std::string> {
    auto found = caller.environment.find(name);
    if (found == caller.environment.end()) return std::nullopt;
    return found->second;
  };
  if (inputs.files.empty()) {
    PHOTON_TRY(inputs.files, compose::default_files(record.folder, inputs));
  }
  PHOTON_TRY(auto loaded, compose::load(inputs));
  for (const auto& warning : loaded.warnings) {
    auto where = warning.where.file.empty() ? std::nullopt : std::optional(warning.where);
    warn(record, sentence(Error{Kind::usage, "", warning.message, where, "", {}}));
  }
  ensemble.project = std::move(loaded.project);
  ensemble.main = wanted.service;
  if (ensemble.project.find(wanted.service) == nullptr) {
    std::vector<std::string_view> names;
    for (const auto& service : ensemble.project.services) names.push_back(service.name);
    auto near = nearest(wanted.service, names);
    return fail_at(wanted.where, Kind::usage, "compose.reference",
                   fmt::format("there is no service \"{}\"", shown(wanted.service)),
                   near.empty() ? fmt::format("there are {}", fmt::join(names, ", "))
                                : fmt::format("did you mean \"{}\"?", near));
  }
  PHOTON_TRY(ensemble.order, compose::chosen(ensemble.project, ensemble.main, wanted.run_services));
  for (const auto& name : ensemble.order)
    if (const auto& build = ensemble.service(name).build) {
      PHOTON_TRY(ensemble.builds[name], build_of(*build, ensemble.repository, inputs));
    }
  return ensemble;
}

spec::PlanMount plan_mount(const compose::Mount& mount, const Ensemble& ensemble, const Record& record) {
  spec::PlanMount made{mount.type, mount.source, mount.target, mount.read_only, mount.options};
  if (mount.type != "volume" || mount.source.empty()) return made;
  const auto& volume = ensemble.project.volumes.at(mount.source);
  // Two environments of one repository must not write to one database.
  made.source = volume.exact ? volume.name : fmt::format("{}_{}", record.name, volume.name);
  return made;
}

void put_service_below(const Ensemble& ensemble, const Record& record, spec::Plan& plan) {
  const auto& service = ensemble.own();
  if (auto build = ensemble.builds.find(ensemble.main); build != ensemble.builds.end())
    plan.build = build->second;
  else
    plan.image = service.image;
  auto variables = service.environment;
  for (const auto& [name, value] : plan.container_env) set_in(variables, name, value);
  plan.container_env = std::move(variables);
  auto mounts = std::move(plan.mounts);
  plan.mounts.clear();
  for (const auto& mount : service.mounts) {
    auto made = plan_mount(mount, ensemble, record);
    if (!plan.workspace_mount && holds_sources(made, record))
      plan.workspace_mount = std::move(made);
    else
      plan.mounts.push_back(std::move(made));
  }
  if (service.shm_size != 0)
    plan.mounts.push_back({"tmpfs",
                           "",
                           "/dev/shm",
                           false,
                           {{"tmpfs-size", fmt::format("{}", service.shm_size)}, {"tmpfs-mode", "1777"}}});
  for (auto& mount : mounts) {
    std::erase_if(plan.mounts, [&](const auto& other) { return other.target == mount.target; });
    plan.mounts.push_back(std::move(mount));
  }
  if (plan.container_user.empty()) plan.container_user = service.user;
  plan.privileged = plan.privileged || service.privileged;
  plan.init = plan.init || service.init;
  add_new(plan.cap_add, service.cap_add);
  add_new(plan.security_opt, service.security_opt);
  if (plan.hostname.empty()) plan.hostname = service.hostname;
  for (const auto& [name, address] : service.extra_hosts) set_in(plan.extra_hosts, name, address);
  add_new(plan.dns, service.dns);
  if (ensemble.network_of(ensemble.main).network_mode == "none") plan.network = "none";
}

void put_command(const compose::Service& service, image::ImageConfig& image) {
  if (service.entrypoint) {
    image.entrypoint = *service.entrypoint;
    image.cmd.clear();
  }
  if (service.command) image.cmd = *service.command;
  if (!service.working_dir.empty()) image.cwd = service.working_dir;
  if (!service.stop_signal.empty()) image.stop_signal = service.stop_signal;
}

std::vector<std::string> services_ask(const Ensemble& ensemble, const Record& record, bool as_root) {
  std::vector<std::string> asks;
  for (const auto& name : ensemble.order) {
    const auto& service = ensemble.service(name);
    spec::Plan plan;
    for (const auto& mount : service.mounts) plan.mounts.push_back(plan_mount(mount, ensemble, record));
    plan.privileged = service.privileged;
    if (name != ensemble.main)
      for (auto& ask : asks_of_machine(plan, record, as_root))
        asks.push_back(fmt::format("{}: {}", name, ask));
    for (const auto& device : service.devices)
      asks.push_back(fmt::format("{}: use {}", name, shown(device.source, 200)));
  }
  return asks;
}

}  // namespace photon::environment
