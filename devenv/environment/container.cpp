#include "devenv/environment/container.hpp"

#include <unistd.h>

#include <thread>

#include "devenv/core/fd.hpp"
#include "devenv/core/name.hpp"
#include "devenv/environment/hooks.hpp"
#include "devenv/environment/mounts.hpp"

namespace photon::environment {

Folders folders_of(const Paths& paths, const std::string& id) {
  return {paths.environment(id), paths.environment_runtime(id)};
}

namespace {

// What the image or a feature wants to run beside our init.
std::vector<std::string> entry_of(const spec::Plan& plan, const image::ImageConfig& image) {
  std::vector<std::string> own;
  if (!plan.override_command) {
    own = image.entrypoint;
    own.insert(own.end(), image.cmd.begin(), image.cmd.end());
  }
  if (plan.entrypoints.empty()) return own;
  // Each runs before the next, as in the reference.
  auto script = fmt::format("{}{}", fmt::join(plan.entrypoints, "\n"), own.empty() ? "" : "\nexec \"$@\"");
  std::vector<std::string> argv = {"/bin/sh", "-c", script, "-"};
  argv.insert(argv.end(), own.begin(), own.end());
  return argv;
}

void warn_of_owner(Record& record) {
  auto words = fmt::format(
      "the file system of {} maps no owners: the remote user may be unable to write there", record.folder);
  auto& all = record.warnings;
  if (std::find(all.begin(), all.end(), words) == all.end()) all.push_back(std::move(words));
}

// The later value of a variable wins, as in docker.
void set_variable(std::vector<std::string>& env, const std::string& key, const std::string& value) {
  std::erase_if(env, [&](const std::string& item) { return item.starts_with(key + "="); });
  env.push_back(key + "=" + value);
}

std::map<std::string, std::string> as_map(const std::vector<std::string>& env) {
  std::map<std::string, std::string> map;
  for (const auto& item : env)
    if (auto equals = item.find('='); equals != item.npos)
      map[item.substr(0, equals)] = item.substr(equals + 1);
  return map;
}

}  // namespace

Result<engine::ContainerSpec> container_spec(const spec::Plan& plan, Record& record,
                                             const image::ImageConfig& image, host::Host& host) {
  auto folders = folders_of(host.paths(), record.id);
  engine::ContainerSpec spec;
  spec.id = record.id;
  spec.image = image.name;
  spec.parent = image.chain;
  spec.labels = {{environment_label, record.id}, {"photon.name", record.name}};
  spec.hostname = plan.hostname.empty() ? record.name : plan.hostname;
  spec.privileged = plan.privileged;
  spec.cap_add = plan.cap_add;
  spec.security_opt = plan.security_opt;
  spec.log_file = folders.init_log();
  spec.process.argv = {"/run/devenv/bin/devenv-inside", "init", "--socket", "/run/devenv/inside.sock"};
  if (auto entry = entry_of(plan, image); !entry.empty()) {
    const auto& user = plan.container_user.empty() ? image.user : plan.container_user;
    if (!user.empty()) spec.process.argv.insert(spec.process.argv.end(), {"--user", user});
    spec.process.argv.emplace_back("--");
    spec.process.argv.insert(spec.process.argv.end(), entry.begin(), entry.end());
  }
  spec.process.env = image.env;
  for (const auto& [key, value] : plan.container_env) set_variable(spec.process.env, key, value);
  spec.mounts = {bound(folders.runtime, "/run/devenv"), bound(host.bundle(), "/run/devenv/bin", true),
                 bound(folders.etc() + "/hosts", "/etc/hosts"),
                 bound(folders.etc() + "/hostname", "/etc/hostname"),
                 bound(folders.etc() + "/resolv.conf", "/etc/resolv.conf")};
  for (const auto& mirror : record.mirrors) spec.mounts.push_back(bound(mirror, mirror, true));
  if (plan.workspace_mount) {
    auto mount = *plan.workspace_mount;
    // A clone has its owner already; a folder of the user's keeps it, and is shown as the remote user's.
    bool own = record.local && (record.folder + "/").starts_with(mount.source + "/");
    if (mount.type == "bind" && own && plan.update_remote_user_uid) {
      auto [host_uid, host_gid] = owner_of(mount.source);
      PHOTON_TRY(mount.source,
                 host.map_ownership(mount.source, record.id, host_uid, host_gid, record.uid, record.gid));
      bool mapped = mount.source != plan.workspace_mount->source;
      if (!mapped && host_uid != record.uid) warn_of_owner(record);
    }
    PHOTON_TRY(auto made, mounted(mount, record, host.paths()));
    spec.mounts.push_back(std::move(made));
  }
  for (const auto& mount : plan.mounts) {
    PHOTON_TRY(auto made, mounted(mount, record, host.paths()));
    spec.mounts.push_back(std::move(made));
  }
  return spec;
}

Result<void> write_etc(const std::string& folder, const Etc& etc, host::Host& host) {
  PHOTON_CHECK(make_directories(folder, 0755));
  std::string resolver;
  for (const auto& server : etc.dns) resolver += fmt::format("nameserver {}\n", server);
  if (resolver.empty()) {
    PHOTON_TRY(resolver, host.network().resolv_conf());
  }
  if (!etc.dns_search.empty()) resolver += fmt::format("search {}\n", fmt::join(etc.dns_search, " "));
  if (!etc.dns_options.empty()) resolver += fmt::format("options {}\n", fmt::join(etc.dns_options, " "));
  auto lines = etc.lines;
  for (const auto& [name, address] : etc.hosts)
    if (bool gateway = address == "host-gateway"; !gateway || !etc.gateway.empty())
      lines.push_back({gateway ? etc.gateway : address, {name}});
  PHOTON_CHECK(put_in_place(folder + "/hosts", hosts_file(lines)));
  PHOTON_CHECK(put_in_place(folder + "/hostname", etc.hostname + "\n"));
  return put_in_place(folder + "/resolv.conf", resolver);
}

Result<void> connect_network(Record& record, const spec::Plan& plan, host::Host& host, const Etc& more) {
  auto folders = folders_of(host.paths(), record.id);
  PHOTON_CHECK(make_directories(folders.runtime, 0755));
  network::Attachment attached;  // without a network namespace the engine makes an empty one
  if (plan.network != "none") {
    PHOTON_TRY(attached, host.network().attach(record.id, record.owner));
  }
  auto own = named(attached.address.empty() ? "127.0.1.1" : attached.address, record.name);
  if (!plan.hostname.empty() && plan.hostname != record.name)
    own.names.insert(own.names.begin(), plan.hostname);
  Etc etc = more;
  etc.lines.insert(etc.lines.begin(), std::move(own));
  etc.hostname = record.container.hostname;
  etc.dns = plan.dns;
  etc.hosts = plan.extra_hosts;
  etc.gateway = attached.gateway;
  PHOTON_CHECK(write_etc(folders.etc(), etc, host));
  record.container.network_namespace = attached.netns;
  return {};
}

Result<void> wait_for_inside(const Record& record, host::Host& host, std::stop_token stop) {
  auto folders = folders_of(host.paths(), record.id);
  auto until = std::chrono::steady_clock::now() + std::chrono::seconds(15);
  for (int round = 0;; ++round) {
    auto connection = inside::connect(folders.socket());
    if (connection && inside::ping(std::move(*connection))) return {};
    if (stop.stop_requested()) return cancelled();
    std::this_thread::sleep_for(std::chrono::milliseconds(round < 20 ? 1 : 20));
    if (round % 25 != 24) continue;
    PHOTON_TRY(auto container, host.engine().find(record.id));
    bool gone = !container || container->task != engine::TaskState::running;
    if (!gone && std::chrono::steady_clock::now() < until) continue;
    auto log = read_file(folders.init_log());
    std::string words = log && !log->empty() ? log->substr(log->size() > 2000 ? log->size() - 2000 : 0) : "";
    return fail(
        Kind::failed, "environment.init",
        gone ? "the container ended as soon as it was started" : "the container's init does not answer",
        words);
  }
}

namespace {

// What a login shell sets: printed between two marks, so that rc files may print what they like.
Result<std::vector<std::string>> probe(const Record& record, const std::string& kind, const Folders& folders,
                                       const std::vector<std::string>& base, std::stop_token stop) {
  std::string flags = kind == "loginInteractiveShell" ? "-lic"
                      : kind == "loginShell"          ? "-lc"
                      : kind == "interactiveShell"    ? "-ic"
                                                      : "";
  if (flags.empty()) return base;
  const std::string mark = random_id();
  inside::ExecRequest request;
  request.argv = {record.shell, flags,
                  fmt::format("printf %s {}; cat /proc/self/environ; printf %s {}", mark, mark)};
  request.env = base;
  request.cwd = record.home;
  request.user = record.user;
  PHOTON_TRY(auto ran, run_inside(folders, request, std::chrono::seconds(10), {}, stop));
  auto from = ran.output.find(mark);
  auto to = ran.output.rfind(mark);
  if (from == std::string::npos || to <= from)
    return base;  // a shell that gave up: what the image sets must do
  std::vector<std::string> env;
  for (std::size_t at = from + mark.size(); at < to;) {
    auto end = std::min(ran.output.find('\0', at), to);
    std::string item = ran.output.substr(at, end - at);
    for (const char* own : {"PWD=", "OLDPWD=", "SHLVL=", "_="})
      if (item.starts_with(own)) item.clear();
    if (item.find('=') != item.npos) env.push_back(std::move(item));
    at = end + 1;
  }
  return env;
}

// What an image has set up for its user lies in that user's home and is found by its shell.
Result<void> move_in(Record& record, const std::string& name, const Folders& folders) {
  PHOTON_TRY(auto connection, inside::connect(folders.socket()));
  auto user = inside::lookup(std::move(connection), name);
  if (!user) return within(std::move(user.error()), "while looking up the remote user");
  if (!user->home.empty()) record.home = user->home;
  if (!user->shell.empty()) record.shell = user->shell;
  return {};
}

}  // namespace

Result<void> learn_user(Record& record, const spec::Plan& plan, const image::ImageConfig& image,
                        const Folders& folders, const std::string& at_home_of, std::stop_token stop) {
  std::string wanted = !plan.remote_user.empty()      ? plan.remote_user
                       : !plan.container_user.empty() ? plan.container_user
                       : !image.user.empty()          ? image.user
                                                      : "root";
  if (auto colon = wanted.find(':'); colon != wanted.npos) wanted.resize(colon);
  PHOTON_TRY(auto connection, inside::connect(folders.socket()));
  auto user = inside::lookup(std::move(connection), wanted);
  if (!user) return within(std::move(user.error()), "while looking up the remote user");
  record.user = user->name.empty() ? wanted : user->name;
  record.uid = user->uid;
  record.gid = user->gid;
  record.home = user->home.empty() ? "/" : user->home;
  record.shell = user->shell.empty() ? "/bin/sh" : user->shell;
  if (!at_home_of.empty()) PHOTON_CHECK(move_in(record, at_home_of, folders));
  auto base = record.container.process.env;
  auto map = as_map(base);
  if (!map.contains("PATH"))
    set_variable(base, "PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
  set_variable(base, "HOME", record.home);
  set_variable(base, "USER", record.user);
  set_variable(base, "LOGNAME", record.user);
  set_variable(base, "SHELL", record.shell);
  PHOTON_TRY(record.env, probe(record, plan.user_env_probe, folders, base, stop));
  auto resolved = spec::resolve_in_container(plan, as_map(base));
  record.fixed.clear();
  for (const auto& [key, value] : resolved.remote_env) {
    record.fixed.push_back(key);
    if (value)
      set_variable(record.env, key, *value);
    else
      std::erase_if(record.env, [&](const std::string& item) { return item.starts_with(key + "="); });
  }
  record.workspace = resolved.workspace_folder;
  return {};
}

}  // namespace photon::environment
