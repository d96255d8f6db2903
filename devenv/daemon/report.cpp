#include "devenv/daemon/report.hpp"

#include <unistd.h>

#include <cstdlib>

namespace photon::daemon {
namespace {

std::uint64_t resident() {
  auto text = read_file("/proc/self/statm").value_or("");
  auto second = text.find(' ');
  if (second == std::string::npos) return 0;
  return std::strtoull(text.c_str() + second + 1, nullptr, 10) *
         static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::string_view word(host::Host::Check::Level level) {
  switch (level) {
    case host::Host::Check::Level::ok:
      return "ok";
    case host::Host::Check::Level::warn:
      return "warn";
    case host::Host::Check::Level::fail:
      return "fail";
  }
  return "fail";
}

}  // namespace

std::string_view version() { return PHOTON_VERSION; }

Result<wire::DaemonStatus> status(environment::Environments& environments, host::Host& host,
                                  const Facts& facts) {
  PHOTON_TRY(auto views, environments.list());
  auto running = std::count_if(views.begin(), views.end(),
                               [](const auto& view) { return view.state == State::running; });
  wire::DaemonStatus status;
  status.version = version();
  status.pid = ::getpid();
  status.system = facts.system;
  if (auto info = host.engine().info()) {
    status.engine = fmt::format("{} {}{}", info->name, info->version, info->own ? " (private)" : "");
    status.runtime = info->runtime;
  }
  status.environments = views.size();
  status.running = static_cast<std::uint64_t>(running);
  status.data = host.paths().data;
  status.ssh = facts.ssh;
  status.rss = resident();
  return status;
}

std::vector<wire::Check> doctor(host::Host& host, const Facts& facts) {
  std::vector<wire::Check> checks;
  for (const auto& check : host.doctor())
    checks.push_back({std::string(word(check.level)), check.text, check.hint});
  if (facts.ssh_fault) checks.push_back({"fail", sentence(*facts.ssh_fault), facts.ssh_fault->hint});
  if (!facts.ssh.empty()) checks.push_back({"ok", "SSH on " + facts.ssh, ""});
  return checks;
}

}  // namespace photon::daemon
