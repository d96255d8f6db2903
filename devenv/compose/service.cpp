// A service: the table of its properties, and those that need no grammar of their own.
#include <array>

#include "devenv/compose/reading.hpp"
#include "devenv/core/digest.hpp"
#include "devenv/core/name.hpp"

namespace photon::compose {
namespace {

template <std::optional<std::vector<std::string>> Service::* field>
Result<void> words(const Node& node, std::string_view name, const Reading& reading, Service& service) {
  PHOTON_TRY(service.*field, reading.words(node, name));
  return {};
}

Result<void> environment(const Node& node, std::string_view name, const Reading& reading, Service& service) {
  PHOTON_TRY(auto all, reading.pairs(node, name));
  for (auto& [variable, value] : all) {
    if (!value) value = reading.lookup(variable);
    // Without a value anywhere it is not there, even where a file names it.
    if (value)
      set_variable(service.environment, variable, *value);
    else
      std::erase_if(service.environment, [&](const auto& known) { return known.first == variable; });
  }
  return {};
}

struct EnvFile {
  std::string path;
  bool required = true;
  std::string format;
};
constexpr std::array env_file_members{known<EnvFile>("path", read_text<&EnvFile::path>),
                                      known<EnvFile>("required", read_flag<&EnvFile::required>),
                                      known<EnvFile>("format", read_text<&EnvFile::format>)};

Result<void> one_env_file(const Node& node, std::string_view name, const Reading& reading, Service& service) {
  EnvFile file;
  if (node.is_text()) {
    file.path = node.text;
  } else {
    PHOTON_CHECK(reading.must_be_map(node, name));
    PHOTON_CHECK(read_members(node, "env_file.", env_file_members, reading, file));
  }
  if (file.path.empty()) return reading.wrong(node, name, "the name of a file");
  if (!file.format.empty() && file.format != "raw")
    return reading.wrong(node, "env_file.format", "raw, or left out");
  auto path = absolute(file.path, reading.folder_of(node));
  auto text = read_named(path, "the env_file", node.where, reading.inputs);
  if (!text && text.error().kind == Kind::not_found && !file.required) return {};
  if (!text) return tl::unexpected(std::move(text.error()));
  auto shown_name = shown_path(path, reading.inputs);
  auto read = file.format == "raw" ? read_raw_variables(*text, shown_name)
                                   : read_variables(*text, shown_name, reading.lookup);
  if (!read) return tl::unexpected(std::move(read.error()));
  for (auto& [variable, value] : *read) set_variable(service.environment, variable, std::move(value));
  return {};
}

Result<void> env_file(const Node& node, std::string_view name, const Reading& reading, Service& service) {
  if (!node.is_list()) return one_env_file(node, name, reading, service);
  for (const auto& item : node.items) PHOTON_CHECK(one_env_file(item, name, reading, service));
  return {};
}

Result<void> labels(const Node& node, std::string_view name, const Reading& reading, Service& service) {
  PHOTON_TRY(auto all, reading.pairs(node, name));
  for (auto& [label, value] : all) service.labels[label] = value.value_or("");
  return {};
}

Result<void> sysctls(const Node& node, std::string_view name, const Reading& reading, Service& service) {
  PHOTON_TRY(auto all, reading.pairs(node, name));
  for (auto& [key, value] : all) {
    // Others are of the whole machine.
    bool own = key.starts_with("net.") || key.starts_with("fs.mqueue.") || key.starts_with("kernel.shm") ||
               key.starts_with("kernel.msg") || key == "kernel.sem";
    if (!own)
      return reading.wrong(node, fmt::format("{}.{}", name, key), "a setting of a container's own",
                           "net.*, fs.mqueue.*, kernel.shm*, kernel.msg* and kernel.sem are");
    service.sysctls[key] = value.value_or("");
  }
  return {};
}

Result<void> platform(const Node& node, std::string_view name, const Reading& reading, Service&) {
  PHOTON_TRY(auto text, reading.text(node, name));
  reading.warn(node.where, fmt::format("\"{}\" has no effect here: images are those of this machine", name));
  return {};
}

Result<void> only_one(const Node& node, std::string_view name, const Reading& reading, Service&) {
  PHOTON_TRY(auto number, reading.number(node, name));
  if (number == 1) return {};
  return reading.unsupported(node.where, fmt::format("{}: {}", name, number), "a service is one container");
}

Result<void> memory_swap(const Node& node, std::string_view name, const Reading& reading, Service& service) {
  service.limits.where = node.where;
  if (node.text == "-1") return {};
  PHOTON_TRY(service.limits.memory_swap, reading.bytes(node, name));
  return {};
}
template <auto field>
Result<void> limit_bytes(const Node& node, std::string_view name, const Reading& reading, Service& service) {
  service.limits.where = node.where;
  return read_bytes<field>(node, name, reading, service.limits);
}
Result<void> cpus(const Node& node, std::string_view name, const Reading& reading, Service& service) {
  service.limits.where = node.where;
  PHOTON_TRY(service.limits.cpu_millis, reading.thousandths(node, name));
  return {};
}
Result<void> cpu_shares(const Node& node, std::string_view name, const Reading& reading, Service& service) {
  service.limits.where = node.where;
  PHOTON_TRY(auto number, reading.number(node, name));
  if (number < 0) return reading.wrong(node, name, "a whole number");
  service.limits.cpu_shares = static_cast<std::uint64_t>(number);
  return {};
}
Result<void> cpuset(const Node& node, std::string_view name, const Reading& reading, Service& service) {
  service.limits.where = node.where;
  return read_text<&Limits::cpuset>(node, name, reading, service.limits);
}
Result<void> pids_limit(const Node& node, std::string_view name, const Reading& reading, Service& service) {
  service.limits.where = node.where;
  PHOTON_TRY(service.limits.pids, reading.number(node, name));
  return {};
}

Result<void> oom_score_adj(const Node& node, std::string_view name, const Reading& reading,
                           Service& service) {
  PHOTON_TRY(auto number, reading.number(node, name));
  if (number < -1000 || number > 1000) return reading.wrong(node, name, "a number from -1000 to 1000");
  service.oom_score_adj = static_cast<int>(number);
  return {};
}

Result<void> absolute_path(const Node& node, std::string_view name, const Reading& reading,
                           Service& service) {
  PHOTON_TRY(service.working_dir, reading.text(node, name));
  if (service.working_dir.starts_with('/')) return {};
  return reading.wrong(node, name, "an absolute path", "/work");
}

constexpr std::string_view host_only = "a container has namespaces of its own";
constexpr std::string_view not_yet = "take it out";

constexpr std::array properties{
    known<Service>("image", read_text<&Service::image>),
    known<Service>("build", read_build),
    known<Service>("command", words<&Service::command>),
    known<Service>("entrypoint", words<&Service::entrypoint>),
    known<Service>("labels", labels),
    known<Service>("user", read_text<&Service::user>),
    known<Service>("group_add", read_texts<&Service::groups>),
    known<Service>("working_dir", absolute_path),
    known<Service>("hostname", read_text<&Service::hostname>),
    known<Service>("container_name", read_text<&Service::container_name>),
    known<Service>("networks", read_networks),
    known<Service>("network_mode", read_network_mode),
    known<Service>("links", read_links),
    known<Service>("extra_hosts", read_hosts),
    known<Service>("dns", read_texts<&Service::dns>),
    known<Service>("dns_search", read_texts<&Service::dns_search>),
    known<Service>("dns_opt", read_texts<&Service::dns_options>),
    known<Service>("ports", read_ports),
    known<Service>("volumes", read_volumes),
    known<Service>("tmpfs", read_tmpfs),
    known<Service>("devices", read_devices),
    known<Service>("configs", read_configs),
    known<Service>("secrets", read_secrets),
    known<Service>("depends_on", read_depends_on),
    known<Service>("healthcheck", read_health),
    known<Service>("ulimits", read_ulimits),
    known<Service>("sysctls", sysctls),
    known<Service>("cap_add", read_texts<&Service::cap_add>),
    known<Service>("cap_drop", read_texts<&Service::cap_drop>),
    known<Service>("security_opt", read_texts<&Service::security_opt>),
    known<Service>("privileged", read_flag<&Service::privileged>),
    known<Service>("read_only", read_flag<&Service::read_only>),
    known<Service>("init", read_flag<&Service::init>),
    known<Service>("shm_size", read_bytes<&Service::shm_size>),
    known<Service>("mem_limit", limit_bytes<&Limits::memory>),
    known<Service>("mem_reservation", limit_bytes<&Limits::memory_low>),
    known<Service>("memswap_limit", memory_swap),
    known<Service>("cpus", cpus),
    known<Service>("cpu_shares", cpu_shares),
    known<Service>("cpuset", cpuset),
    known<Service>("pids_limit", pids_limit),
    known<Service>("oom_score_adj", oom_score_adj),
    known<Service>("deploy", read_deploy),
    known<Service>("restart", read_restart),
    known<Service>("stop_signal", read_text<&Service::stop_signal>),
    known<Service>("stop_grace_period", read_duration<&Service::stop_grace>),
    known<Service>("profiles", read_texts<&Service::profiles>),
    known<Service>("platform", platform),
    known<Service>("scale", only_one),
    idle<Service>("env_file"),     // read before the others
    idle<Service>("environment"),  // after env_file, whatever their order
    idle<Service>("expose"),       // every port is open among services
    idle<Service>("annotations"),
    idle<Service>("attach"),
    idle<Service>("develop"),
    idle<Service>("tty"),
    idle<Service>("stdin_open"),
    told<Service>("logging", "output is in the environment's folder"),
    told<Service>("pull_policy", "an image is fetched where it is missing"),
    told<Service>("mem_swappiness", "the machine's counts"),
    refused<Service>("blkio_config", not_yet),
    refused<Service>("cgroup", host_only),
    refused<Service>("cgroup_parent", host_only),
    refused<Service>("cpu_count", "cpus limits processors"),
    refused<Service>("cpu_percent", "cpus limits processors"),
    refused<Service>("cpu_period", "cpus limits processors"),
    refused<Service>("cpu_quota", "cpus limits processors"),
    refused<Service>("cpu_rt_period", not_yet),
    refused<Service>("cpu_rt_runtime", not_yet),
    refused<Service>("credential_spec", not_yet),
    refused<Service>("device_cgroup_rules", "devices names devices one by one"),
    refused<Service>("domainname", "hostname may hold a whole name"),
    refused<Service>("external_links", "environments of yours know each other as NAME.devenv"),
    refused<Service>("gpus", "no GPU is handed in yet"),
    refused<Service>("ipc", host_only),
    refused<Service>("isolation", not_yet),
    refused<Service>("label_file", "labels holds them"),
    refused<Service>("mac_address", "addresses are ours to choose"),
    refused<Service>("models", not_yet),
    refused<Service>("oom_kill_disable", not_yet),
    refused<Service>("pid", host_only),
    refused<Service>("post_start", "a command of the image, or a lifecycle command of devcontainer.json"),
    refused<Service>("pre_stop", "stop_signal and a trap in the command"),
    refused<Service>("provider", not_yet),
    refused<Service>("runtime", not_yet),
    refused<Service>("storage_opt", not_yet),
    refused<Service>("use_api_socket", "there is no Docker here"),
    refused<Service>("userns_mode", host_only),
    refused<Service>("uts", host_only),
    refused<Service>("volumes_from", "name the volumes in both services"),
};

}  // namespace

Result<Service> read_service(const std::string& name, const Node& node, const Reading& reading) {
  Service service;
  service.name = name;
  service.where = node.where;
  PHOTON_CHECK(reading.must_be_map(node, fmt::format("services.{}", name)));
  for (const auto& [key, read] : std::initializer_list<std::pair<const char*, Read*>>{
           {"env_file", env_file}, {"environment", environment}})
    if (const auto* found = node.find(key); found && !found->is_nothing())
      PHOTON_CHECK(read(*found, key, reading, service));
  PHOTON_CHECK(read_members(node, "", properties, reading, service));
  if (service.image.empty() && !service.build)
    return fail_at(node.where, Kind::usage, "compose.image",
                   fmt::format("the service \"{}\" has neither \"image\" nor \"build\"", shown(name)),
                   "name one of them");
  if (!service.network_mode.empty() && !service.networks.empty())
    return fail_at(service.network_where, Kind::usage, "compose.network",
                   "\"network_mode\" and \"networks\" exclude each other", "keep one of them");
  // Values of the environment and of files count, too, wherever they came from.
  std::string sum = yaml::canonical(node);
  for (const auto& [variable, value] : service.environment) sum += fmt::format("\n{}={}", variable, value);
  for (const auto& file : service.files) sum += fmt::format("\n{} {}", file.target, sha256_hex(file.content));
  for (const auto& mount : service.mounts) sum += fmt::format("\n{} {}", mount.source, mount.target);
  service.digest = sha256_hex(sum);
  return service;
}

}  // namespace photon::compose
