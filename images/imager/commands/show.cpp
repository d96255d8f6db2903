#include <algorithm>
#include <boost/json/array.hpp>

#include "images/imager/commands/commands.hpp"

namespace photon::images {
namespace {

constexpr Option options[] = {output_option, arch_option};
constexpr Positional positionals[] = {{"NAME", "of an image that is made", true, Completes::images}};
constexpr Example examples[] = {
    {"imager show minimal", "its packages by size, and what is built from source"},
    {"imager show minimal --json | jq .boot", "how it boots"}};

double percent(double part, double whole) { return whole > 0 ? 100 * part / whole : 0; }

Result<int> run(Context& context) {
  auto name = context.arguments.positional(0);
  PHOTON_TRY(auto about, context.about(name));
  if (context.json()) {
    PHOTON_CHECK(context.print_json(about));
    return 0;
  }
  struct Row {
    std::int64_t bytes;
    std::vector<std::string> cells;
  };
  std::vector<Row> list;
  if (const auto* packages = member(about, "packages"); packages && packages->is_array())
    for (const auto& one : packages->get_array())
      list.push_back({number_or(one, "bytes"),
                      {text_or(one, "name"), text_or(one, "version"), text_or(one, "origin"),
                       size_words(static_cast<std::uint64_t>(number_or(one, "bytes")))}});
  std::stable_sort(list.begin(), list.end(), [](const Row& a, const Row& b) { return a.bytes > b.bytes; });
  std::vector<std::vector<std::string>> rows;
  for (auto& row : list) rows.push_back(std::move(row.cells));
  auto shown = table({"PACKAGE", "VERSION", "ORIGIN", "SIZE"}, rows, look_at(1), width_of(1));
  auto total = number_or(about, "total"), ours = number_or(about, "from_source");
  auto bytes = number_or(about, "bytes"), of_ours = number_or(about, "bytes_from_source");
  shown +=
      fmt::format("built from source: {} of {} packages ({:.0f} %), {} of {} ({:.0f} %)\n", ours, total,
                  percent(double(ours), double(total)), size_words(static_cast<std::uint64_t>(of_ours)),
                  size_words(static_cast<std::uint64_t>(bytes)), percent(double(of_ours), double(bytes)));
  rows.clear();
  if (const auto* files = member(about, "files"); files && files->is_array())
    for (const auto& one : files->get_array())
      rows.push_back({text_or(one, "file"), size_words(static_cast<std::uint64_t>(number_or(one, "stored"))),
                      "of " + size_words(static_cast<std::uint64_t>(number_or(one, "size")))});
  shown += table({"FILE", "ON DISK", ""}, rows, look_at(1), width_of(1));
  PHOTON_CHECK(context.print(shown));
  return 0;
}

}  // namespace

extern const Command show_command{"show", "show what an image is made of", options, positionals, examples,
                                  run};

}  // namespace photon::images
