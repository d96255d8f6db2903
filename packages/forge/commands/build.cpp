#include <boost/json/array.hpp>

#include "packages/forge/commands/commands.hpp"

namespace photon::forge {
namespace {

constexpr Option options[] = {
    {"--all", "-a", "", "every recipe"},
    {"--check-reproducible", "", "", "build twice what is built, and compare the digests"},
    {"--dry-run", "-n", "", "say what would be built and why, build nothing"},
    {"--stop-early", "", "", "begin nothing new after the first failure"},
    {"--events", "", "FILE", "write machine-readable events there, one JSON object a line", false,
     Completes::files},
    packages_option,
    arch_option,
    jobs_option,
};
constexpr Positional positionals[] = {{.name = "NAME",
                                       .help = "recipes; what they need is built, too",
                                       .completes = Completes::packages,
                                       .repeats = true}};
constexpr Example examples[] = {{"forge build --all", "everything that has changed"},
                                {"forge build openssh zlib", "two recipes, and what they need"},
                                {"forge build --all --check-reproducible", "is the same built twice?"}};

json::value json_of(const RecipeResult& result) {
  json::array outputs, blocks;
  for (const auto& file : result.built.outputs)
    outputs.push_back({{"name", file.name}, {"sha256", file.sha256}, {"size", file.size}});
  for (const auto& name : result.blocks) blocks.emplace_back(name);
  json::object out{{"recipe", result.recipe},
                   {"outcome", word_of(result.outcome)},
                   {"why", result.why},
                   {"key", result.built.key},
                   {"log", result.built.log},
                   {"seconds", result.built.seconds},
                   {"outputs", std::move(outputs)},
                   {"blocks", std::move(blocks)}};
  if (result.error) out["error"] = to_json(*result.error);
  return out;
}

/// One line for what failed, with where to look and what waits for it; nothing for what was reused or left
/// out.
std::string line_of(const RecipeResult& result) {
  if (result.outcome == Outcome::reused || result.left_out) return {};
  auto line = fmt::format("  {:<8} {:<20} {}", word_of(result.outcome), result.recipe, harmless(result.why));
  if (result.outcome == Outcome::failed && !result.blocks.empty())
    line += fmt::format("    blocks: {}", fmt::join(result.blocks, ", "));
  return line + "\n";
}

Result<int> run(Context& context) {
  PHOTON_TRY(auto options_of, context.build_options());
  bool all = context.arguments.flag("--all");
  if (all == !options_of.only.empty())
    return fail(Kind::usage, "cli.usage", all ? "either names or --all" : "build needs NAME, or --all",
                "forge build --all");
  options_of.check_reproducible = context.arguments.flag("--check-reproducible");
  options_of.dry_run = context.arguments.flag("--dry-run");
  options_of.keep_going = !context.arguments.flag("--stop-early");
  options_of.events = context.arguments.text("--events");
  PHOTON_TRY(auto* store, context.store());
  Shown shown;
  auto results = build_all(options_of, *store, shown.work());
  bool good = results.has_value();
  std::array<std::size_t, 6> counts{};
  json::array list;
  std::string lines;
  if (results)
    for (const auto& result : *results) {
      ++counts[static_cast<std::size_t>(result.outcome)];
      good = good && result.outcome != Outcome::failed && result.outcome != Outcome::blocked;
      list.push_back(json_of(result));
      lines += line_of(result);
    }
  shown.close(!good);
  if (!results) return tl::unexpected(results.error());
  if (context.json()) {
    PHOTON_CHECK(context.print_json({{"recipes", std::move(list)}}));
  } else {
    PHOTON_CHECK(context.print(lines));
  }
  if (options_of.dry_run)
    context.tell(fmt::format("{} would be built, {} as they are, {} faulty, {} skipped\n", counts[5],
                             counts[1], counts[2] + counts[3], counts[4]));
  else
    context.tell(fmt::format("{} built, {} as they were, {} failed, {} blocked, {} skipped\n", counts[0],
                             counts[1], counts[2], counts[3], counts[4]));
  return good ? 0 : 1;
}

}  // namespace

extern const Command build_command{
    "build", "build what has changed, in order and in parallel", options, positionals, examples, run};

}  // namespace photon::forge
