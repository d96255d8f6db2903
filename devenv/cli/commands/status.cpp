#include "devenv/cli/commands/commands.hpp"

namespace photon::cli {
namespace {

constexpr Example examples[] = {{"devenv status", "which daemon answers, its engine and its memory"},
                                {"devenv status --json | jq .running", "how many environments run"}};

Result<int> run(Context& context) {
  PHOTON_TRY(auto* daemon, context.daemon());
  PHOTON_TRY(auto status, daemon->status());
  if (context.json()) {
    PHOTON_CHECK(context.print_json(wire::to_json(status)));
    return 0;
  }
  std::vector<std::vector<std::string>> rows{
      {"daemon", fmt::format("devenvd {}, process {}, {}", status.version, status.pid,
                             status.system ? "of this machine" : "of this user")},
      {"engine", status.engine},
      {"runtime", status.runtime},
      {"environments", fmt::format("{}, {} running", status.environments, status.running)},
      {"ssh", status.ssh.empty() ? "through devenv ssh-proxy only" : status.ssh},
      {"memory", size_words(status.rss)},
      {"data", status.data},
  };
  if (!status.read_only.empty()) rows.push_back({"read-only", harmless(status.read_only)});
  PHOTON_CHECK(context.print(table({}, rows, look_at(1), look_at(1).drawing ? width_of(1) : 0)));
  return 0;
}

}  // namespace

extern const Command status_command{
    "status", "show the daemon, its engine and what it uses", {}, {}, examples, run};

}  // namespace photon::cli
