// What of the graph has to be built and why, and the building.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "devenv/core/error.hpp"
#include "devenv/core/work.hpp"
#include "packages/forge/build/graph.hpp"
#include "packages/forge/recipe/recipe.hpp"
#include "packages/forge/sandbox/sandbox.hpp"
#include "packages/forge/store/store.hpp"

namespace photon::forge {

/// skipped: not for this architecture, its import stands, or nobody asked for it; due: what a dry run would
/// have built.
enum class Outcome { built, reused, failed, blocked, skipped, due };
std::string_view word_of(Outcome outcome);
struct RecipeResult {
  std::string recipe{};
  Outcome outcome = Outcome::built;
  std::string why{};      ///< what changed, or what failed and where the log is
  bool left_out = false;  ///< skipped, for it is built where it is asked for alone
  std::vector<std::string> blocks{};
  Built built{};  ///< of a dry run: key and ingredients alone
  std::optional<Error> error{};
};

/// rpmbuild and what its scripts call, by path where there is one.
std::vector<std::string> default_base();

struct BuildOptions {
  std::string packages{};  ///< the folder that holds specs/, imports/, macros
  std::string arch = "x86_64";
  std::vector<std::string> only{};  ///< with what they need; empty: all
  unsigned jobs = 2;
  bool check_reproducible = false;  ///< builds twice and compares
  bool keep_going = true;
  std::string events{};  ///< file of machine-readable events, one JSON object a line
  std::string logs{};    ///< folder of links NAME.log to what was said last ("build/logs"); empty: none
  bool dry_run = false;  ///< keys alone: what would be built and why
  std::uint64_t memory_limit = 0;                  ///< of one build, bytes; 0: nine tenths of the machine's
  std::chrono::seconds time_limit{2 * 3600};       ///< of one build
  std::vector<std::string> base = default_base();  ///< what every build root has
  std::vector<Bind> binds{};                       ///< further folders of every build, read-only
};
/// Imports first, then the graph: each recipe whose key is not stored. Failures block what needs them and
/// hinder nothing else.
Result<std::vector<RecipeResult>> build_all(const BuildOptions& options, Store& store, const Work& work);

/// The imports of that architecture that are stored, for `publish` and `report`.
Result<std::vector<Built>> imported(const BuildOptions& options, Store& store);

/// What would be rebuilt, or would not, and what of its key has changed since the newest build: one line
/// each.
struct Why {
  bool stored = false;
  std::string key{};
  std::vector<std::string> changes{};
};
Result<Why> why(const std::string& recipe, const BuildOptions& options, Store& store, const Work& work);

/// A shell in the recipe's sandbox, sources laid out as for a build. `terminal` is its input and output.
Result<int> shell(const std::string& recipe, int terminal, const BuildOptions& options, Store& store,
                  const Work& work);

/// Removes from the store what the graph does not need now, but for the last `keep` builds of each.
Result<Freed> collect_garbage(const BuildOptions& options, unsigned keep, bool dry_run, Store& store,
                              const Work& work);

}  // namespace photon::forge
