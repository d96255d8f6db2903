#include "devenv/environment/shape.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <csignal>
#include <cstring>

#include "devenv/core/beneath.hpp"
#include "devenv/core/name.hpp"
#include "devenv/engine/runtime_spec.hpp"
#include "devenv/environment/base.hpp"
#include "devenv/environment/control_group.hpp"
#include "devenv/environment/hooks.hpp"
#include "devenv/environment/mounts.hpp"

namespace photon::environment {
namespace {

constexpr std::array<std::pair<std::string_view, int>, 15> resources{{{"as", RLIMIT_AS},
                                                                      {"core", RLIMIT_CORE},
                                                                      {"cpu", RLIMIT_CPU},
                                                                      {"data", RLIMIT_DATA},
                                                                      {"fsize", RLIMIT_FSIZE},
                                                                      {"locks", RLIMIT_LOCKS},
                                                                      {"memlock", RLIMIT_MEMLOCK},
                                                                      {"msgqueue", RLIMIT_MSGQUEUE},
                                                                      {"nice", RLIMIT_NICE},
                                                                      {"nofile", RLIMIT_NOFILE},
                                                                      {"nproc", RLIMIT_NPROC},
                                                                      {"rss", RLIMIT_RSS},
                                                                      {"rtprio", RLIMIT_RTPRIO},
                                                                      {"sigpending", RLIMIT_SIGPENDING},
                                                                      {"stack", RLIMIT_STACK}}};

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  return out;
}

/// An ordinary user may lower what it has, and the runtime would fail late and in its own words.
Result<void> within_reach(const std::string& name, const compose::Ulimit& wanted) {
  auto known =
      std::find_if(resources.begin(), resources.end(), [&](const auto& one) { return one.first == name; });
  struct rlimit has{};
  if (known == resources.end() || ::getrlimit(static_cast<__rlimit_resource>(known->second), &has) < 0)
    return {};
  if (has.rlim_max == RLIM_INFINITY) return {};
  if (wanted.hard >= 0 && static_cast<rlim_t>(wanted.hard) <= has.rlim_max) return {};
  return fail_at(
      wanted.where, Kind::denied, "compose.ulimit",
      fmt::format("ulimits.{} asks for more than the {} that an ordinary user has here", name, has.rlim_max),
      "ask for less, or run devenv as the machine's");
}

/// Takes away those that cannot be had here, as other engines do: controllers, by name.
std::vector<std::string_view> drop_limits(engine::Resources& most, bool as_root) {
  std::vector<std::string_view> dropped;
  auto keep_or_drop = [&](std::string_view controller, auto&... limits) {
    const bool asked = ((limits != std::remove_reference_t<decltype(limits)>()) || ...);
    if (!asked || (as_root && has_controller(controller))) return;
    ((limits = {}), ...);
    dropped.push_back(controller);
  };
  keep_or_drop("memory", most.memory, most.memory_swap, most.memory_low);
  keep_or_drop("cpu", most.cpu_millis, most.cpu_shares);
  keep_or_drop("cpuset", most.cpuset);
  keep_or_drop("pids", most.pids);
  return dropped;
}

Result<void> add_limits(engine::ContainerSpec& spec, const compose::Service& service, bool as_root,
                        Record& record) {
  for (const auto& [name, limit] : service.ulimits) {
    if (!as_root) PHOTON_CHECK(within_reach(name, limit));
    spec.rlimits.push_back(
        {upper(name), static_cast<std::uint64_t>(limit.soft), static_cast<std::uint64_t>(limit.hard)});
  }
  const auto& most = service.limits;
  spec.resources = {most.memory,     most.memory_swap, most.memory_low, most.cpu_millis,
                    most.cpu_shares, most.cpuset,      most.pids};
  auto without_effect = drop_limits(spec.resources, as_root);
  if (without_effect.empty()) return {};
  auto why = as_root ? "this machine's control groups do not know them" : "an ordinary user may not set them";
  warn(record, sentence(Error{Kind::usage,
                              "",
                              fmt::format("limits of the service {} have no effect: {} ({})", service.name,
                                          why, fmt::join(without_effect, ", ")),
                              most.where,
                              "",
                              {}}));
  return {};
}

Result<void> add_devices(engine::ContainerSpec& spec, const compose::Service& service) {
  for (const auto& device : service.devices) {
    struct stat found{};
    bool there =
        ::stat(device.source.c_str(), &found) == 0 && (S_ISCHR(found.st_mode) || S_ISBLK(found.st_mode));
    if (!there)
      return fail_at(device.where, Kind::not_found, "compose.device",
                     fmt::format("there is no device {} on this machine", shown(device.source, 200)), "");
    spec.devices.push_back({device.source, device.target, S_ISBLK(found.st_mode) ? 'b' : 'c',
                            static_cast<std::int64_t>(::major(found.st_rdev)),
                            static_cast<std::int64_t>(::minor(found.st_rdev)), found.st_mode & 07777U,
                            device.access});
  }
  return {};
}

/// In the folder that is gone after a reboot.
Result<void> add_files(engine::ContainerSpec& spec, const compose::Service& service, const Folders& folders) {
  const auto folder = folders.runtime + "/files";
  if (!service.files.empty()) PHOTON_CHECK(make_directories(folder, 0711));
  for (std::size_t i = 0; i < service.files.size(); ++i) {
    const auto& file = service.files[i];
    auto path = fmt::format("{}/{}", folder, i);
    PHOTON_CHECK(write_file(path, file.content, file.mode));
    if (::chmod(path.c_str(), file.mode) < 0) return fail_errno("write " + path, errno);
    if ((file.uid || file.gid) && ::chown(path.c_str(), file.uid.value_or(0), file.gid.value_or(0)) < 0)
      return fail_errno("give away " + path, errno);
    spec.mounts.push_back(bound(path, file.target, true));
  }
  return {};
}

/// Our init needs rights that its processes are not to have: it takes them from these.
Result<std::vector<std::string>> dropped(const compose::Service& service) {
  std::set<int> numbers;
  for (const auto& name : service.cap_drop) {
    auto number = engine::capability_number(name);
    if (!number && upper(name) != "ALL" && upper(name) != "CAP_ALL")
      return fail_at(service.where, Kind::usage, "compose.type",
                     fmt::format("\"cap_drop\": there is no capability {}", shown(name)), "NET_RAW, ALL");
    for (int i = 0; !number && i < engine::capability_count(); ++i) numbers.insert(i);
    if (number) numbers.insert(*number);
  }
  for (const auto& name : service.cap_add)
    if (auto number = engine::capability_number(name)) numbers.erase(*number);
  std::vector<std::string> words;
  for (int number : numbers) words.insert(words.end(), {"--drop", fmt::format("{}", number)});
  return words;
}

std::vector<std::string> words_of(const compose::Service& service, const image::ImageConfig& image,
                                  bool with_container) {
  std::vector<std::string> words;
  for (const auto& group : service.groups) words.insert(words.end(), {"--group", group});
  using When = compose::Restart::When;
  if (service.restart.when == When::always) words.insert(words.end(), {"--restart", "always"});
  if (service.restart.when == When::on_failure)
    words.insert(words.end(), {"--restart", service.restart.most == 0
                                                ? std::string("on-failure")
                                                : fmt::format("on-failure:{}", service.restart.most)});
  if (!with_container) return words;
  for (const auto& mount : service.mounts)
    if (mount.type == "volume" && !mount.read_only) words.insert(words.end(), {"--own", mount.target});
  auto number = signal_number(image.stop_signal);
  words.insert(words.end(), {"--ends", "--signal", fmt::format("{}", number == 0 ? SIGTERM : number)});
  return words;
}

}  // namespace

int signal_number(std::string_view name) {
  int number = 0;
  auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error == std::errc() && end == name.data() + name.size())
    return number > 0 && number <= 64 ? number : 0;
  auto word = upper(name);
  if (word.starts_with("SIG")) word.erase(0, 3);
  for (number = 1; number < 32; ++number)
    if (const char* known = ::sigabbrev_np(number); known != nullptr && word == known) return number;
  return 0;
}

Result<void> ensure_bound(const compose::Mount& mount, const std::string& repository) {
  if (mount.type != "bind" || ::access(mount.source.c_str(), F_OK) == 0) return {};
  if (!mount.create || !mount.source.starts_with(repository + "/"))
    return fail_at(mount.where, Kind::usage, "environment.mount",
                   fmt::format("the folder {} to be mounted at {} does not exist", shown(mount.source, 200),
                               shown(mount.target, 200)),
                   "make it, or mend \"volumes\"");
  auto [uid, gid] = owner_of(repository);
  PHOTON_TRY(Fd at, open_fd(repository, O_PATH | O_DIRECTORY));
  for (const auto& part : std::filesystem::path(mount.source.substr(repository.size() + 1))) {
    if (::mkdirat(at.get(), part.c_str(), 0755) == 0) {
      if (::fchownat(at.get(), part.c_str(), uid, gid, AT_SYMLINK_NOFOLLOW) < 0)
        return fail_errno("give away " + mount.source, errno);
    } else if (errno != EEXIST) {
      return fail_errno("make " + mount.source, errno);
    }
    PHOTON_TRY(at,
               open_beneath(at.get(), part.string(), O_PATH | O_DIRECTORY, "the repository", Links::none));
  }
  return {};
}

Result<void> shape(engine::ContainerSpec& spec, const compose::Service& service,
                   const image::ImageConfig& image, const Folders& folders, bool with_container, bool as_root,
                   Record& record) {
  spec.read_only = service.read_only;
  spec.sysctls = service.sysctls;
  spec.oom_score_adj = service.oom_score_adj.value_or(0);
  spec.process.cwd = image.cwd.empty() ? "/" : image.cwd;
  if (!service.stop_signal.empty() && signal_number(service.stop_signal) == 0)
    return fail_at(service.where, Kind::usage, "compose.type",
                   fmt::format("\"stop_signal\": {} is no signal", shown(service.stop_signal)), "SIGINT");
  PHOTON_CHECK(add_limits(spec, service, as_root, record));
  PHOTON_CHECK(add_devices(spec, service));
  PHOTON_CHECK(add_files(spec, service, folders));
  auto words = words_of(service, image, with_container);
  PHOTON_TRY(auto drop, dropped(service));
  auto& argv = spec.process.argv;
  auto divide = std::find(argv.begin(), argv.end(), "--");
  if (divide == argv.end()) words.clear();  // nothing runs beside the init
  words.insert(words.end(), drop.begin(), drop.end());
  argv.insert(divide, words.begin(), words.end());
  return {};
}

}  // namespace photon::environment
