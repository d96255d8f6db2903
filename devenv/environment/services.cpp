#include "devenv/environment/services.hpp"

#include <unistd.h>

#include "devenv/core/checkpoint.hpp"
#include "devenv/core/digest.hpp"
#include "devenv/core/fd.hpp"
#include "devenv/environment/base.hpp"
#include "devenv/environment/mounts.hpp"
#include "devenv/environment/shape.hpp"

namespace photon::environment {
namespace {

constexpr std::size_t digits = 16;  ///< of an id, as random_id has them

void set_variable(std::vector<std::string>& env, const std::string& name, const std::string& value) {
  std::erase_if(env, [&](const std::string& item) { return item.starts_with(name + "="); });
  env.push_back(name + "=" + value);
}

}  // namespace

std::string beside_id(const std::string& environment, const std::string& service) {
  return sha256_hex(environment + "\n" + service).substr(0, digits);
}

std::string Services::id_of(const std::string& name) const {
  return is_main(name) ? record_.id : beside_id(record_.id, name);
}

Beside& Services::beside(const std::string& name) {
  auto found = std::find_if(record_.beside.begin(), record_.beside.end(),
                            [&](const Beside& one) { return one.service == name; });
  if (found != record_.beside.end()) return *found;
  record_.beside.push_back({name, id_of(name), "", "", {}, 0});
  return record_.beside.back();
}

const Beside& Services::beside_of(const std::string& name) const {
  return *std::find_if(record_.beside.begin(), record_.beside.end(),
                       [&](const Beside& one) { return one.service == name; });
}

Result<void> Services::find_images(bool anew, Builds::Hold& hold) {
  anew_ = anew;
  record_.project = ensemble_.project.name;
  for (const auto& name : ensemble_.order) {
    if (is_main(name)) continue;
    auto& one = beside(name);
    auto build = ensemble_.builds.find(name);
    const bool built = build != ensemble_.builds.end();
    Wanted wanted{built ? std::optional(build->second) : std::nullopt, ensemble_.service(name).image,
                  one.image};
    PHOTON_TRY(auto image, find_image(parts_, record_, wanted, caller_, {.anew = anew}, hold, work_));
    put_command(ensemble_.service(name), image);
    if (one.image.empty() || anew) one.image = image.name;
    images_[name] = std::move(image);
  }
  return save_();
}

Result<void> Services::leave_out_gone() {
  for (std::size_t i = record_.beside.size(); i-- > 0;) {
    const auto one = record_.beside[i];
    if (std::find(ensemble_.order.begin(), ensemble_.order.end(), one.service) != ensemble_.order.end())
      continue;
    PHOTON_CHECK(take_down_beside(parts_, one, true));
    record_.beside.erase(record_.beside.begin() + static_cast<std::ptrdiff_t>(i));
    PHOTON_CHECK(save_());
  }
  return {};
}

Result<void> Services::start_first() {
  for (const auto& name : ensemble_.order) {
    if (is_main(name)) break;
    PHOTON_CHECK(start(name));
  }
  for (const auto& [name, dependency] : ensemble_.own().depends_on) PHOTON_CHECK(wait_for(name, dependency));
  return {};
}

Result<void> Services::start_rest() {
  bool behind = false;
  for (const auto& name : ensemble_.order) {
    if (behind) PHOTON_CHECK(start(name));
    behind = behind || is_main(name);
  }
  return {};
}

Result<void> Services::start(const std::string& name) {
  if (work_.stopped()) return cancelled();
  if (!started_.insert(name).second) return {};
  for (const auto& [other, dependency] : ensemble_.service(name).depends_on)
    PHOTON_CHECK(wait_for(other, dependency));
  work_.report({"service", name, "", 0, 0, false});
  auto done = ensure(name);
  if (!done) return within(std::move(done.error()), "while starting the service " + name);
  work_.report({"service", name, "", 0, 0, true});
  return {};
}

/// The container as the service wants it, whatever is there.
Result<void> Services::ensure(const std::string& name) {
  auto& engine = parts_.host.engine();
  PHOTON_TRY(auto wanted, spec_of(name));
  const auto id = id_of(name);
  PHOTON_TRY(auto present, engine.find(id));
  auto& one = beside(name);
  one.grace = ensemble_.service(name).stop_grace.count();
  const bool same = one.container == wanted && one.digest == ensemble_.service(name).digest;
  if (present && same && present->task == engine::TaskState::running) return {};
  if (present && !same && (anew_ || one.digest.empty())) {
    PHOTON_CHECK(engine.stop(id, std::chrono::milliseconds(one.grace)));
    PHOTON_CHECK(engine.remove(id));
    present.reset();
  } else if (present && !same) {
    // What was written in it is not given up for an edit: a rebuild is for that.
    PHOTON_CHECK(engine.stop(id, std::chrono::milliseconds(one.grace)));
    wanted.process = one.container.process;
    wanted.mounts = one.container.mounts;
  }
  one.container = wanted;
  if (!present) one.digest = ensemble_.service(name).digest;
  PHOTON_CHECK(save_());
  checkpoint("service.noted");
  ::unlink(folders(name).socket().c_str());
  PHOTON_CHECK(present ? engine.restart(wanted, work_.stop) : engine.run(wanted, work_.stop));
  checkpoint("service.started");
  return {};
}

Result<engine::ContainerSpec> Services::own_spec(const spec::Plan& plan, const image::ImageConfig& image) {
  const auto& service = ensemble_.own();
  for (const auto& mount : service.mounts) PHOTON_CHECK(ensure_bound(mount, ensemble_.repository));
  PHOTON_TRY(auto spec, container_spec(plan, record_, image, parts_.host));
  PHOTON_CHECK(
      shape(spec, service, image, folders(ensemble_.main), false, !parts_.host.entered().user, record_));
  images_[ensemble_.main] = image;
  return spec;
}

Result<engine::ContainerSpec> Services::spec_of(const std::string& name) {
  const auto& service = ensemble_.service(name);
  const auto& image = images_.at(name);
  const auto folder = folders(name);
  PHOTON_CHECK(make_directories(folder.data, 0711));
  PHOTON_CHECK(make_directories(folder.runtime, 0755));
  engine::ContainerSpec spec;
  spec.id = id_of(name);
  spec.image = image.name;
  spec.parent = image.chain;
  spec.labels = {{environment_label, spec.id}, {"photon.name", name}, {"photon.beside", record_.id}};
  spec.hostname = service.hostname.empty() ? name : service.hostname;
  spec.privileged = service.privileged;
  spec.cap_add = service.cap_add;
  spec.security_opt = service.security_opt;
  spec.log_file = folder.init_log();
  spec.process.argv = {"/run/devenv/bin/devenv-inside", "init", "--socket", "/run/devenv/inside.sock"};
  auto entry = image.entrypoint;
  entry.insert(entry.end(), image.cmd.begin(), image.cmd.end());
  if (entry.empty())
    return fail_at(service.where, Kind::usage, "compose.command",
                   fmt::format("the service {} has no command, and its image none either", name),
                   "command: …");
  const auto& user = service.user.empty() ? image.user : service.user;
  if (!user.empty()) spec.process.argv.insert(spec.process.argv.end(), {"--user", user});
  spec.process.argv.emplace_back("--");
  spec.process.argv.insert(spec.process.argv.end(), entry.begin(), entry.end());
  spec.process.env = image.env;
  for (const auto& [variable, value] : service.environment) set_variable(spec.process.env, variable, value);
  PHOTON_CHECK(mount_all(name, spec));
  const auto& owner = ensemble_.network_of(name);
  if (auto found = attached_.find(owner.name); found != attached_.end())
    spec.network_namespace = found->second.netns;
  PHOTON_CHECK(shape(spec, service, image, folder, true, !parts_.host.entered().user, record_));
  return spec;
}

Result<void> Services::mount_all(const std::string& name, engine::ContainerSpec& spec) {
  const auto& service = ensemble_.service(name);
  const auto folder = folders(name);
  // What shares a network shares its names.
  const auto etc = folders(ensemble_.network_of(name).name).etc();
  spec.mounts = {bound(folder.runtime, "/run/devenv"), bound(parts_.host.bundle(), "/run/devenv/bin", true),
                 bound(etc + "/hosts", "/etc/hosts"), bound(folder.etc() + "/hostname", "/etc/hostname"),
                 bound(etc + "/resolv.conf", "/etc/resolv.conf")};
  Record side;
  side.id = spec.id;
  side.owner = record_.owner;
  if (service.shm_size != 0)
    spec.mounts.push_back(
        {"tmpfs",
         "shm",
         "/dev/shm",
         {"nosuid", "noexec", "nodev", "mode=1777", fmt::format("size={}", service.shm_size)}});
  for (const auto& mount : service.mounts) {
    PHOTON_CHECK(ensure_bound(mount, ensemble_.repository));
    PHOTON_TRY(auto made, mounted(plan_mount(mount, ensemble_, record_), side, parts_.host.paths()));
    spec.mounts.push_back(std::move(made));
  }
  for (auto& volume : side.volumes)
    if (std::find(record_.volumes.begin(), record_.volumes.end(), volume) == record_.volumes.end())
      record_.volumes.push_back(std::move(volume));
  return {};
}

}  // namespace photon::environment
