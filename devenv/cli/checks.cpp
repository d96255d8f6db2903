#include "devenv/cli/checks.hpp"

#include <unistd.h>

#include <algorithm>
#include <ctime>

#include "devenv/cli/editors.hpp"
#include "devenv/cli/ssh_files.hpp"
#include "devenv/core/process.hpp"

namespace photon::cli {
namespace {

using Checks = std::vector<wire::Check>;

/// As the user and outside of every namespace: the daemon itself cannot look from there.
Result<Checks> machine_checks() {
  PHOTON_TRY(auto program, sibling_program("devenvd"));
  PHOTON_TRY(auto output, run({.argv = {program, "check"}}, {}, std::chrono::seconds(60)));
  if (output.status != 0)
    return fail(Kind::internal, "doctor.check",
                fmt::format("{} check ended with status {}", program, output.status), harmless(output.err));
  PHOTON_TRY(auto value, parse_json(output.out, "the answer of devenvd check"));
  return wire::parse_list<wire::Check>(value);
}

/// What `more` says of a thing counts instead of what `base` says of it, in the same place.
Checks merged(Checks base, Checks more) {
  for (auto& check : more) {
    auto same = [&](const wire::Check& other) { return other.name == check.name; };
    auto place = std::find_if(base.begin(), base.end(), same);
    if (place == base.end()) {
      base.push_back(std::move(check));
      continue;
    }
    if (check.level != "ok" && check.hint.empty()) check.hint = place->hint;
    *place = std::move(check);
  }
  return base;
}

/// A fault that is named above already is not told twice.
wire::Check daemon_fault(const Error& error, const Checks& known) {
  bool named = std::any_of(known.begin(), known.end(), [&](const wire::Check& check) {
    return check.level == "fail" && error.message.find(check.text) != std::string::npos;
  });
  if (named)
    return {"fail", "the daemon does not start", "mend the line above, then: devenv doctor", "daemon"};
  return {"fail", sentence(error), error.hint, "daemon"};
}

wire::Check clock_check() {
  std::error_code error;
  auto built = std::filesystem::last_write_time("/proc/self/exe", error);
  bool past = !error && std::filesystem::file_time_type::clock::now() < built - std::chrono::hours(24);
  if (past)
    return {"fail", "the clock is in the past: servers' certificates will not be accepted",
            "sudo timedatectl set-ntp true", "clock"};
  std::time_t now = std::time(nullptr);
  std::tm local{};
  ::localtime_r(&now, &local);
  return {"ok",
          fmt::format("today is {:04}-{:02}-{:02}", local.tm_year + 1900, local.tm_mon + 1, local.tm_mday),
          "", "clock"};
}

wire::Check git_check() {
  if (!find_program("git"))
    return {"warn", "git is not installed: its credential helpers cannot be asked", "sudo apt install git",
            "git"};
  auto output = run({.argv = {"git", "--version"}}, {}, std::chrono::seconds(10));
  return {"ok", output ? harmless(output->out.substr(0, output->out.find('\n'))) : "git", "", "git"};
}

wire::Check ssh_check() {
  if (!find_program("ssh") || !find_program("ssh-keygen"))
    return {"fail", "OpenSSH's client is not installed", "sudo apt install openssh-client", "ssh"};
  if (ssh_files_written()) return {"ok", "ssh NAME.devenv finds environments", "", "ssh"};
  return {"ok", "ssh; for ssh NAME.devenv and editors once: devenv ssh-config --write", "", "ssh"};
}

wire::Check editor_check() {
  std::string found;
  for (const auto& editor : editors())
    if (!installed(editor).empty()) found += fmt::format("{}{}", found.empty() ? "" : ", ", editor.word);
  if (found.empty()) return {"ok", "no editor for devenv open; devenv ssh works without", "", "editors"};
  return {"ok", "devenv open --with " + found, "", "editors"};
}

}  // namespace

Result<Checks> all_checks(Context& context) {
  Checks checks;
  auto daemon = context.daemon();
  context.trace("checks of the machine");
  auto status = daemon ? (*daemon)->status() : Result<wire::DaemonStatus>(tl::unexpected(daemon.error()));
  // Where the machine's daemon does the work, an ordinary user needs no rights of their own.
  if (!status || !status->system || ::geteuid() == 0) {
    if (auto told = machine_checks())
      checks = std::move(*told);
    else
      checks.push_back({"fail", sentence(told.error()), told.error().hint, "installation"});
  }
  if (status) {
    context.trace("checks of the daemon");
    PHOTON_TRY(auto told, (*daemon)->doctor());
    checks = merged(std::move(checks), std::move(told));
    checks.push_back(
        {"ok",
         fmt::format("devenvd {}, {}", status->version, status->system ? "of this machine" : "of this user"),
         "", "daemon"});
  } else {
    checks.push_back(daemon_fault(status.error(), checks));
  }
  for (auto check : {git_check(), ssh_check(), editor_check(), clock_check()})
    checks.push_back(std::move(check));
  return checks;
}

}  // namespace photon::cli
