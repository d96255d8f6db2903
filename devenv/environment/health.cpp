// Waiting for services that others depend on.
#include <thread>

#include "devenv/core/fd.hpp"
#include "devenv/core/name.hpp"
#include "devenv/environment/hooks.hpp"
#include "devenv/environment/services.hpp"

namespace photon::environment {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

std::chrono::milliseconds from_nanoseconds(std::int64_t number, std::chrono::milliseconds otherwise) {
  return number <= 0 ? otherwise : std::chrono::milliseconds(number / 1'000'000);
}

/// HEALTHCHECK of an image.
std::optional<compose::Health> health_of_image(const image::HealthCheck& check) {
  if (check.test.empty()) return std::nullopt;
  compose::Health health;
  health.disabled = check.test[0] == "NONE";
  if (check.test[0] == "CMD") health.argv.assign(check.test.begin() + 1, check.test.end());
  if (check.test[0] == "CMD-SHELL" && check.test.size() > 1) health.shell = check.test[1];
  health.interval = from_nanoseconds(check.interval, health.interval);
  health.timeout = from_nanoseconds(check.timeout, health.timeout);
  health.start_period = from_nanoseconds(check.start_period, health.start_period);
  if (check.retries > 0) health.retries = static_cast<unsigned>(std::min<std::int64_t>(check.retries, 10000));
  return health;
}

bool has_test(const compose::Health& health) { return !health.argv.empty() || !health.shell.empty(); }

std::string end_of(const std::string& text, std::size_t most = 2000) {
  auto end = text.substr(text.size() > most ? text.size() - most : 0);
  while (end.ends_with('\n')) end.pop_back();
  return end;
}

bool sleep_for(std::chrono::milliseconds time, const Work& work) {
  for (auto until = Clock::now() + time; Clock::now() < until; std::this_thread::sleep_for(20ms))
    if (work.stopped()) return false;
  return !work.stopped();
}

}  // namespace

std::optional<compose::Health> Services::health_of(const std::string& name) const {
  const auto& own = ensemble_.service(name).health;
  if (own && (own->disabled || has_test(*own))) return own;
  auto image = images_.find(name);
  auto made = image == images_.end() ? std::nullopt : health_of_image(image->second.health);
  if (made && own) {  // the image's test by the service's times
    auto test = std::move(*made);
    made = own;
    made->argv = std::move(test.argv);
    made->shell = std::move(test.shell);
  }
  return made;
}

tl::unexpected<Error> Services::ended(const std::string& name, int status, const Place& where) const {
  // What it said last is on its way to the file until the task is deleted.
  (void)parts_.host.engine().stop(id_of(name), std::chrono::milliseconds(0));
  auto log = read_file(folders(name).init_log());
  return fail_at(where, Kind::failed, "environment.service",
                 fmt::format("the service {} has ended with exit status {}", name, status),
                 log ? end_of(*log) : "");
}

Result<void> Services::wait_for(const std::string& name, const compose::Dependency& dependency) {
  using Condition = compose::Dependency::Condition;
  const bool runs = std::find(ensemble_.order.begin(), ensemble_.order.end(), name) != ensemble_.order.end();
  if (!runs) return {};  // required: false, and of a profile that is not asked for
  auto done = dependency.condition == Condition::healthy     ? wait_until_healthy(name, dependency)
              : dependency.condition == Condition::completed ? wait_until_done(name, dependency)
                                                             : Result<void>();
  if (done || dependency.required || done.error().kind == Kind::cancelled) return done;
  work_.report({"service", name, shown(done.error().message, 200), 0, 0, true});
  return {};
}

/// By the time in which the checks could have failed as often as is allowed; asked more often than
/// the interval says, for nothing else watches.
Result<void> Services::wait_until_healthy(const std::string& name, const compose::Dependency& dependency) {
  auto health = health_of(name);
  if (!health || health->disabled)
    return fail_at(dependency.where, Kind::usage, "compose.health",
                   fmt::format("the service {} has no healthcheck, and its image none either", name),
                   "give it one, or wait for service_started");
  inside::ExecRequest request;
  request.argv =
      health->shell.empty() ? health->argv : std::vector<std::string>{"/bin/sh", "-c", health->shell};
  const auto& spec = is_main(name) ? record_.container : beside_of(name).container;
  request.env = spec.process.env;
  request.cwd = spec.process.cwd;
  const auto& service = ensemble_.service(name);
  auto image = images_.find(name);
  request.user = service.user.empty() && image != images_.end() ? image->second.user : service.user;
  const auto limit = std::chrono::ceil<std::chrono::seconds>(health->timeout);
  const auto begin = Clock::now();
  const auto until = begin + health->start_period + health->interval * std::max(1U, health->retries);
  auto pause = 50ms;
  std::string said;
  work_.report({"service", name, "waiting for its health", 0, 0, false});
  for (unsigned failed = 0;;) {
    auto ran = run_inside(folders(name), request, limit, {}, work_.stop);
    if (ran && ran->status == 0) return {};
    if (work_.stopped()) return cancelled();
    said = ran ? end_of(ran->output, 1000) : sentence(ran.error());
    PHOTON_TRY(auto container, parts_.host.engine().find(id_of(name)));
    if (!container || container->task != engine::TaskState::running)
      return ended(name, container ? container->exit_status : 0, dependency.where);
    if (Clock::now() > begin + health->start_period) ++failed;
    if (Clock::now() >= until && failed > 0)
      return fail_at(dependency.where, Kind::failed, "environment.unhealthy",
                     fmt::format("the service {} is not healthy after {} s", name,
                                 std::chrono::ceil<std::chrono::seconds>(Clock::now() - begin).count()),
                     said.empty() ? "its healthcheck says nothing" : "its healthcheck says: " + said);
    if (!sleep_for(pause, work_)) return cancelled();
    pause = std::min({pause * 2, std::chrono::milliseconds(1000), std::max(health->interval, 50ms)});
  }
}

Result<void> Services::wait_until_done(const std::string& name, const compose::Dependency& dependency) {
  work_.report({"service", name, "waiting for its end", 0, 0, false});
  PHOTON_TRY(int status, parts_.host.engine().wait(id_of(name), work_.stop));
  if (status != 0) return ended(name, status, dependency.where);
  return {};
}

std::vector<std::string> Services::failures() const {
  std::vector<std::string> found;
  for (const auto& one : record_.beside) {
    auto container = parts_.host.engine().find(one.id);
    if (!container || !*container || (*container)->task != engine::TaskState::stopped) continue;
    if ((*container)->exit_status == 0) continue;
    auto log = end_of(read_file(folders(one.service).init_log()).value_or(""), 200);
    if (auto line = log.rfind('\n'); line != log.npos) log.erase(0, line + 1);
    found.push_back(fmt::format("the service {} has ended with exit status {}{}{}", one.service,
                                (*container)->exit_status, log.empty() ? "" : ": ", shown(log, 200)));
  }
  return found;
}

}  // namespace photon::environment
