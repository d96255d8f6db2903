#include "devenv/daemon/report.hpp"

#include "devenv/build/build.hpp"
#include "devenv/ssh/keys.hpp"
#include "devenv/ssh/streamlocal.hpp"

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

wire::Check to_wire(const host::Host::Check& check) {
  return {std::string(word(check.level)), check.text, check.hint, check.name};
}

/// No release of libssh hands on the requests that forwarding of Unix sockets needs.
wire::Check ssh_library() {
  if (ssh::forwards_unix_sockets())
    return {"ok", fmt::format("libssh {}, with forwarding of Unix sockets", ssh::library_version()), "",
            "ssh-library"};
  return {"warn", fmt::format("libssh {}: no forwarding of Unix sockets", ssh::library_version()),
          "needs libssh with our patch; everything else works", "ssh-library"};
}

/// All but Dockerfiles works without it.
wire::Check image_builder() {
  auto usable = build::usable();
  if (usable) return {"ok", "buildah, for Dockerfiles", "", "image-builder"};
  return {"warn", usable.error().message, usable.error().hint, "image-builder"};
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
  for (const auto& check : host.doctor()) checks.push_back(to_wire(check));
  checks.push_back(ssh_library());
  checks.push_back(image_builder());
  if (facts.ssh_fault)
    checks.push_back({"fail", sentence(*facts.ssh_fault), facts.ssh_fault->hint, "ssh-listen"});
  if (!facts.ssh.empty()) checks.push_back({"ok", "SSH on " + facts.ssh, "", "ssh-listen"});
  return checks;
}

std::string check_machine(const Paths& paths) {
  json::array checks;
  for (const auto& check : host::machine_checks(paths)) checks.push_back(wire::to_json(to_wire(check)));
  checks.push_back(wire::to_json(ssh_library()));
  checks.push_back(wire::to_json(image_builder()));
  return write_json(checks) + "\n";
}

}  // namespace photon::daemon
