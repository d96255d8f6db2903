#include "devenv/cli/commands/commands.hpp"

namespace photon::cli {
namespace {

constexpr Example examples[] = {
    {"devenv doctor", "what this machine lacks, each with the line that mends it"},
    {"devenv doctor --json | jq '.[] | select(.level != \"ok\")'", "only what is not well"}};

Result<int> run(Context& context) {
  PHOTON_TRY(auto* daemon, context.daemon());
  PHOTON_TRY(auto checks, daemon->doctor());
  bool failed = false;
  json::array list;
  std::vector<std::vector<std::string>> rows;
  const auto look = look_at(1);
  for (const auto& check : checks) {
    failed = failed || check.level == "fail";
    list.push_back(wire::to_json(check));
    auto tone = check.level == "ok" ? Tone::good : check.level == "warn" ? Tone::warn : Tone::bad;
    rows.push_back({toned(check.level, tone, look), harmless(check.text), harmless(check.hint)});
  }
  if (context.json()) {
    PHOTON_CHECK(context.print_json(list));
  } else {
    PHOTON_CHECK(context.print(table({}, rows, look, 0)));  // never cut: hints are there to be pasted
  }
  return failed ? exit_status(Kind::failed) : 0;
}

}  // namespace

extern const Command doctor_command{
    "doctor", "check what this machine offers, and say how to mend it", {}, {}, examples, run};

}  // namespace photon::cli
