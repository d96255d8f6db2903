#include "devenv/cli/commands/commands.hpp"
#include "devenv/core/clock.hpp"

namespace photon::cli {
namespace {

constexpr Option options[] = {{"--quiet", "-q", "", "names only, one a line"}};
constexpr Example examples[] = {{"devenv ls", "all environments, and what is wrong with those that failed"},
                                {"devenv ls -q | xargs -n 1 devenv stop", "stops them all"}};

std::string branch_of(const wire::Environment& one) {
  std::string out = harmless(one.branch);
  if (one.dirty) out += fmt::format("{}{} dirty", out.empty() ? "" : ", ", one.dirty);
  if (one.unpushed) out += fmt::format("{}{} unpushed", out.empty() ? "" : ", ", one.unpushed);
  return out.empty() ? "–" : out;
}

std::string ports_of(const wire::Environment& one) {
  std::string out;
  for (const auto& port : one.ports)
    if (port.forwarded) out += fmt::format("{}{}", out.empty() ? "" : ", ", port.port);
  return out.empty() ? "–" : out;
}

std::string trouble_of(const wire::Environment& one) {
  if (!one.failure.empty()) return fmt::format("{}: devenv logs {}", harmless(one.failure), one.name);
  for (const auto& service : one.services)
    if (service.state == "missing" || (service.state == "ended" && service.exit_status != 0))
      return fmt::format("service {} {}: devenv logs {} --service {}", harmless(service.name),
                         service.state == "ended" ? fmt::format("exited {}", service.exit_status) : "is gone",
                         one.name, harmless(service.name));
  if (one.config_changed) return "configuration changed: devenv rebuild " + one.name;
  return {};
}

/// What is wrong stands at the end of its row; where a row would not fit, all of it stands below the table,
/// because it is what is looked for.
std::string take_troubles(std::vector<std::vector<std::string>>& rows, unsigned width) {
  auto whole = table({}, rows, {}, 0);
  bool fits = true;
  for (std::string_view rest = whole; !rest.empty(); rest.remove_prefix(rest.find('\n') + 1))
    fits = fits && columns_of(rest.substr(0, rest.find('\n'))) <= width;
  if (width == 0 || fits) return {};
  std::string out;
  for (auto& row : rows) {
    if (row.size() < 8) continue;
    if (!row[7].empty()) out += fmt::format("  {}: {}\n", row[0], row[7]);
    row[7].clear();
  }
  return out;
}

Result<int> run(Context& context) {
  PHOTON_TRY(auto* daemon, context.daemon());
  PHOTON_TRY(auto all, daemon->environments());
  if (context.json()) {
    PHOTON_CHECK(context.print_list(all));
    return 0;
  }
  if (context.arguments.flag("--quiet")) {
    for (const auto& one : all) PHOTON_CHECK(context.print(one.name + "\n"));
    return 0;
  }
  if (all.empty()) {
    context.tell("no environments yet\n  devenv up URL makes one\n");
    return 0;
  }
  std::vector<std::vector<std::string>> rows{
      {"NAME", "STATE", "HOST", "REPOSITORY", "BRANCH", "PORTS", "AGE"}};
  for (const auto& one : all)
    rows.push_back({one.name, one.state, one.host.empty() ? "local" : one.host,
                    harmless(one.repository.empty() ? one.folder : one.repository), branch_of(one),
                    ports_of(one), age_words(unix_time() - one.created), trouble_of(one)});
  const auto width = look_at(1).drawing ? width_of(1) : 0;
  auto troubles = take_troubles(rows, width);
  auto header = std::move(rows.front());
  rows.erase(rows.begin());
  PHOTON_CHECK(context.print(table(header, rows, look_at(1), width) + troubles));
  return 0;
}

}  // namespace

extern const Command ls_command{"ls", "list environments", options, {}, examples, run};

}  // namespace photon::cli
