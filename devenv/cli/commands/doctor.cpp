#include "devenv/cli/checks.hpp"
#include "devenv/cli/commands/commands.hpp"

namespace photon::cli {
namespace {

constexpr Example examples[] = {
    {"devenv doctor", "what this machine lacks, each with the line that mends it"},
    {"devenv doctor --json | jq '.[] | select(.level != \"ok\")'", "only what is not well"}};

/// Nothing is cut, for hints are there to be pasted: where a line does not fit, the hints go below the texts.
std::string screen_of(const std::vector<std::vector<std::string>>& rows, const Look& look) {
  auto wide = table({}, rows, look, 0);
  const auto width = look.drawing ? width_of(1) : 0;
  std::size_t widest = 0;
  for (std::string_view rest = wide; !rest.empty(); rest.remove_prefix(rest.find('\n') + 1))
    widest = std::max(widest, columns_of(rest.substr(0, rest.find('\n'))));
  if (width == 0 || widest <= width) return wide;
  std::string out;
  for (const auto& row : rows) {
    out += fmt::format("  {}  {}\n", padded(row[0], 4), row[1]);
    if (!row[2].empty()) out += fmt::format("        {}\n", row[2]);
  }
  return out;
}

Result<int> run(Context& context) {
  PHOTON_TRY(auto checks, all_checks(context));
  bool failed = false;
  std::vector<std::vector<std::string>> rows;
  const auto look = look_at(1);
  for (const auto& check : checks) {
    failed = failed || check.level == "fail";
    auto tone = check.level == "ok" ? Tone::good : check.level == "warn" ? Tone::warn : Tone::bad;
    rows.push_back({toned(check.level, tone, look), harmless(check.text), harmless(check.hint)});
  }
  if (context.json()) {
    PHOTON_CHECK(context.print_list(checks));
  } else {
    PHOTON_CHECK(context.print(screen_of(rows, look)));
  }
  return failed ? exit_status(Kind::failed) : 0;
}

}  // namespace

extern const Command doctor_command{
    "doctor", "check what this machine offers, and say how to mend it", {}, {}, examples, run};

}  // namespace photon::cli
