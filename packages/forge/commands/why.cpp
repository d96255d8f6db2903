#include <boost/json/array.hpp>

#include "packages/forge/commands/commands.hpp"

namespace photon::forge {
namespace {

constexpr Option options[] = {packages_option, arch_option};
constexpr Positional positionals[] = {{"PACKAGE", "a recipe", true, Completes::packages}};
constexpr Example examples[] = {{"forge why openssh", "what has changed since it was built last"},
                                {"forge why openssh --json | jq -r '.changes[]'", "for scripts"}};

Result<int> run(Context& context) {
  PHOTON_TRY(auto options_of, context.build_options());
  auto recipe = context.arguments.positional(0);
  PHOTON_TRY(auto* store, context.store());
  Shown shown;
  auto answer = why(recipe, options_of, *store, shown.work());
  shown.close(!answer);
  if (!answer) return tl::unexpected(answer.error());
  if (context.json()) {
    json::array changes;
    for (const auto& line : answer->changes) changes.emplace_back(line);
    PHOTON_CHECK(context.print_json({{"recipe", recipe},
                                     {"stored", answer->stored},
                                     {"key", answer->key},
                                     {"changes", std::move(changes)}}));
    return 0;
  }
  std::string text =
      fmt::format("{} {}\n", recipe, answer->stored ? "is built as it stands" : "would be built");
  for (const auto& line : answer->changes) text += fmt::format("  {}\n", harmless(line));
  PHOTON_CHECK(context.print(text));
  return 0;
}

}  // namespace

extern const Command why_command{
    "why", "say why a package would be built again", options, positionals, examples, run};

}  // namespace photon::forge
