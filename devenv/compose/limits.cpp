// What a service may take: ulimits, deploy.resources; and how it is started again.
#include <array>

#include "devenv/compose/reading.hpp"
#include "devenv/core/name.hpp"

namespace photon::compose {
namespace {

constexpr std::array<std::string_view, 15> ulimits{"as",    "core",    "cpu",      "data",       "fsize",
                                                   "locks", "memlock", "msgqueue", "nice",       "nofile",
                                                   "nproc", "rss",     "rtprio",   "sigpending", "stack"};

Result<void> read_soft(const Node& node, std::string_view name, const Reading& reading, Ulimit& limit) {
  PHOTON_TRY(limit.soft, reading.number(node, name));
  return {};
}
Result<void> read_hard(const Node& node, std::string_view name, const Reading& reading, Ulimit& limit) {
  PHOTON_TRY(limit.hard, reading.number(node, name));
  return {};
}
constexpr std::array ulimit_members{known<Ulimit>("soft", read_soft), known<Ulimit>("hard", read_hard)};

Result<void> limited_memory(const Node& node, std::string_view name, const Reading& reading, Limits& to) {
  return read_bytes<&Limits::memory>(node, name, reading, to);
}
Result<void> limited_cpus(const Node& node, std::string_view name, const Reading& reading, Limits& to) {
  PHOTON_TRY(to.cpu_millis, reading.thousandths(node, name));
  return {};
}
Result<void> limited_pids(const Node& node, std::string_view name, const Reading& reading, Limits& to) {
  PHOTON_TRY(to.pids, reading.number(node, name));
  return {};
}
Result<void> reserved_memory(const Node& node, std::string_view name, const Reading& reading, Limits& to) {
  return read_bytes<&Limits::memory_low>(node, name, reading, to);
}
constexpr std::array limit_members{known<Limits>("memory", limited_memory),
                                   known<Limits>("cpus", limited_cpus), known<Limits>("pids", limited_pids)};
constexpr std::array reservation_members{known<Limits>("memory", reserved_memory), idle<Limits>("cpus"),
                                         refused<Limits>("devices", "no GPU is handed in yet"),
                                         refused<Limits>("generic_resources", "they are of swarms")};

Result<void> limits(const Node& node, std::string_view name, const Reading& reading, Service& service) {
  service.limits.where = node.where;
  PHOTON_CHECK(reading.must_be_map(node, name));
  return read_members(node, "deploy.resources.limits.", limit_members, reading, service.limits);
}
Result<void> reservations(const Node& node, std::string_view name, const Reading& reading, Service& service) {
  PHOTON_CHECK(reading.must_be_map(node, name));
  return read_members(node, "deploy.resources.reservations.", reservation_members, reading, service.limits);
}
constexpr std::array resource_members{known<Service>("limits", limits),
                                      known<Service>("reservations", reservations)};

Result<void> resources(const Node& node, std::string_view name, const Reading& reading, Service& service) {
  PHOTON_CHECK(reading.must_be_map(node, name));
  return read_members(node, "deploy.resources.", resource_members, reading, service);
}

Result<void> when(const Node& node, std::string_view name, const Reading& reading, Restart& restart) {
  PHOTON_TRY(auto word, reading.text(node, name));
  if (word == "none")
    restart.when = Restart::When::no;
  else if (word == "any")
    restart.when = Restart::When::always;
  else if (word == "on-failure")
    restart.when = Restart::When::on_failure;
  else
    return reading.wrong(node, name, "none, on-failure or any");
  return {};
}
Result<void> attempts(const Node& node, std::string_view name, const Reading& reading, Restart& restart) {
  PHOTON_TRY(auto number, reading.number(node, name));
  if (number < 0 || number > 1'000'000) return reading.wrong(node, name, "a number of attempts");
  restart.most = static_cast<unsigned>(number);
  return {};
}
constexpr std::array policy_members{known<Restart>("condition", when),
                                    known<Restart>("max_attempts", attempts), idle<Restart>("delay"),
                                    idle<Restart>("window")};

Result<void> policy(const Node& node, std::string_view name, const Reading& reading, Service& service) {
  PHOTON_CHECK(reading.must_be_map(node, name));
  service.restart.when = Restart::When::always;
  return read_members(node, "deploy.restart_policy.", policy_members, reading, service.restart);
}
Result<void> replicas(const Node& node, std::string_view name, const Reading& reading, Service&) {
  PHOTON_TRY(auto number, reading.number(node, name));
  if (number == 1) return {};
  return reading.unsupported(node.where, fmt::format("deploy.replicas: {}", number),
                             "a service is one container");
}

constexpr std::array deploy_members{known<Service>("resources", resources),
                                    known<Service>("restart_policy", policy),
                                    known<Service>("replicas", replicas),
                                    idle<Service>("labels"),
                                    idle<Service>("mode"),
                                    told<Service>("endpoint_mode", "it is of swarms"),
                                    told<Service>("placement", "it is of swarms"),
                                    told<Service>("rollback_config", "it is of swarms"),
                                    told<Service>("update_config", "it is of swarms")};

}  // namespace

Result<void> read_ulimits(const Node& node, std::string_view name, const Reading& reading, Service& service) {
  PHOTON_CHECK(reading.must_be_map(node, name));
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const auto& item = node.items[i];
    auto path = fmt::format("ulimits.{}", node.keys[i]);
    if (std::find(ulimits.begin(), ulimits.end(), node.keys[i]) == ulimits.end()) {
      PHOTON_CHECK(reading.unknown(node, i, path, ulimits));
      continue;
    }
    Ulimit limit;
    if (item.is_map()) {
      PHOTON_CHECK(read_members(item, path + ".", ulimit_members, reading, limit));
      if (item.find("soft") == nullptr || item.find("hard") == nullptr)
        return reading.wrong(item, path, "one number, or soft and hard");
    } else {
      PHOTON_TRY(limit.soft, reading.number(item, path));
      limit.hard = limit.soft;
    }
    limit.where = item.where;
    if (limit.soft < -1 || limit.hard < -1 ||
        (limit.hard != -1 && (limit.soft == -1 || limit.soft > limit.hard)))
      return reading.wrong(item, path, "soft at most hard", "-1 is without limit");
    service.ulimits[node.keys[i]] = limit;
  }
  return {};
}

Result<void> read_deploy(const Node& node, std::string_view name, const Reading& reading, Service& service) {
  PHOTON_CHECK(reading.must_be_map(node, name));
  return read_members(node, "deploy.", deploy_members, reading, service);
}

/// no, always, unless-stopped, on-failure[:N]
Result<void> read_restart(const Node& node, std::string_view name, const Reading& reading, Service& service) {
  PHOTON_TRY(auto word, reading.text(node, name));
  const auto colon = std::find(word.begin(), word.end(), ':');
  const std::string kind(word.begin(), colon);
  auto& restart = service.restart;
  if (kind == "no" || kind == "false")
    restart.when = Restart::When::no;
  else if (kind == "always" || kind == "unless-stopped")
    restart.when = Restart::When::always;
  else if (kind == "on-failure")
    restart.when = Restart::When::on_failure;
  else
    return reading.wrong(node, name, "no, always, unless-stopped or on-failure[:N]");
  if (colon == word.end()) return {};
  auto most = digits(std::string(colon + 1, word.end()), 1'000'000);
  if (!most || kind != "on-failure") return reading.wrong(node, name, "on-failure:N with a number");
  restart.most = static_cast<unsigned>(*most);
  return {};
}

}  // namespace photon::compose
