#include <charconv>

#include "devenv/core/name.hpp"
#include "packages/forge/commands/commands.hpp"

namespace photon::forge {
namespace {

constexpr Option options[] = {
    {"--keep", "", "N", "of each recipe the last N builds stay beside what is needed now, instead of 3"},
    {"--dry-run", "-n", "", "say what would go, remove nothing"},
    packages_option,
    arch_option,
};
constexpr Example examples[] = {{"forge gc --dry-run", "how much old builds take"},
                                {"forge gc --keep 1", "all but the newest build of each recipe"}};

Result<int> run(Context& context) {
  PHOTON_TRY(auto options_of, context.build_options());
  auto given = context.arguments.text("--keep", "3");
  unsigned keep = 0;
  if (auto read = std::from_chars(given.data(), given.data() + given.size(), keep);
      read.ec != std::errc() || read.ptr != given.data() + given.size())
    return fail(Kind::usage, "cli.usage", fmt::format("--keep cannot be \"{}\"", shown(given)), "a number");
  bool dry = context.arguments.flag("--dry-run");
  PHOTON_TRY(auto* store, context.store());
  Shown screen;
  auto freed = collect_garbage(options_of, keep, dry, *store, screen.work());
  screen.close(!freed);
  if (!freed) return tl::unexpected(freed.error());
  if (context.json()) {
    PHOTON_CHECK(context.print_json(
        {{"builds", freed->builds}, {"files", freed->files}, {"bytes", freed->bytes}, {"dry_run", dry}}));
  } else {
    PHOTON_CHECK(context.print(fmt::format("{} {} builds, {} files, {}\n", dry ? "would remove" : "removed",
                                           freed->builds, freed->files, size_words(freed->bytes))));
  }
  return 0;
}

}  // namespace

extern const Command gc_command{"gc", "remove builds that nothing needs any more", options, {}, examples,
                                run};

}  // namespace photon::forge
