#include "packages/forge/publish/report.hpp"

#include <boost/json/array.hpp>

#include "packages/forge/commands/commands.hpp"

namespace photon::forge {
namespace {

constexpr Option options[] = {{"--list", "-l", "", "each package with its origin and size"}};
constexpr Positional positionals[] = {
    {"PATH", "a published repository, or a root with packages", true, Completes::folders}};
constexpr Example examples[] = {
    {"forge report build/packages/x86_64", "how much of a repository is built from source"},
    {"forge report --list /mnt/root | sort -k 3", "package by package"}};

double percent(double part, double whole) { return whole > 0 ? 100 * part / whole : 0; }

Result<int> run(Context& context) {
  PHOTON_TRY(auto share, report(context.arguments.positional(0)));
  if (context.json()) {
    json::array list;
    for (const auto& one : share.packages)
      list.push_back({{"name", one.name},
                      {"origin", one.origin == Origin::source ? "source" : "import"},
                      {"bytes", one.bytes}});
    PHOTON_CHECK(context.print_json({{"packages", std::move(list)},
                                     {"total", share.packages.size()},
                                     {"from_source", share.from_source},
                                     {"bytes", share.bytes},
                                     {"bytes_from_source", share.bytes_from_source}}));
    return 0;
  }
  std::string text;
  if (context.arguments.flag("--list")) {
    std::vector<std::vector<std::string>> rows;
    for (const auto& one : share.packages)
      rows.push_back({one.name, one.origin == Origin::source ? "source" : "import", size_words(one.bytes)});
    text = table({"PACKAGE", "ORIGIN", "SIZE"}, rows, look_at(1), width_of(1));
  }
  text +=
      fmt::format("built from source: {} of {} packages ({:.0f} %), {} of {} ({:.0f} %)\n", share.from_source,
                  share.packages.size(), percent(double(share.from_source), double(share.packages.size())),
                  size_words(share.bytes_from_source), size_words(share.bytes),
                  percent(double(share.bytes_from_source), double(share.bytes)));
  PHOTON_CHECK(context.print(text));
  return 0;
}

}  // namespace

extern const Command report_command{
    "report", "say how much is built from source", options, positionals, examples, run};

}  // namespace photon::forge
