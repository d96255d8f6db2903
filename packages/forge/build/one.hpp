// One recipe: its build root, its key, its build.
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "packages/forge/build/build.hpp"
#include "packages/forge/build/key.hpp"
#include "packages/forge/build/sources.hpp"
#include "packages/forge/build/universe.hpp"

namespace photon::forge {

/// What is the same for all recipes of one run.
struct Site {
  const BuildOptions& options;
  Store& store;
  Roots& roots;
  Universe imports{};    ///< for this machine's processor
  Universe foreign{};    ///< for the other one, where it is built for
  std::string macros{};  ///< path, or empty
  std::string macros_digest{};
  std::optional<Checkout> checkout{};  ///< where a recipe has a `tree`

  [[nodiscard]] bool cross() const;
};

std::string machine_arch();

/// Ours alone are built for another processor: what has no upstream's source, what has no processor, and what
/// names that processor itself (ExclusiveArch).
bool builds_for_another(const Recipe& recipe, const std::string& arch);

struct Plan {
  const Recipe* recipe = nullptr;
  std::string arch{};  ///< of the record: "noarch" where the bytes are the same for all
  Root root{};
  std::vector<Input> ingredients{};
  std::string key{};
  std::string basis{};     ///< the key without generated needs: what those are remembered by
  bool generated = false;  ///< %generate_buildrequires was asked, or there is none
};
/// `ours`: the packages of the recipes that it needs, their own needs included.
Result<Plan> plan_one(const Site& site, const Recipe& recipe, const Universe& ours);

/// Asks %generate_buildrequires until it asks for nothing more; remembered, so that the next plan knows.
Result<Plan> generate_needs(const Site& site, const Plan& plan, const Universe& ours, const Work& work);

/// Called now and then from another thread: the phase.
using Phase = std::function<void(const std::string&)>;

/// Builds and stores. failed "forge.build": the message names the log, its line and the first error there.
Result<Built> build_one(const Site& site, const Plan& plan, const Phase& phase, const Work& work);

/// Builds again in another place, on one core: the outputs that differ from `built`'s.
Result<std::vector<std::string>> compare_again(const Site& site, const Plan& plan, const Built& built,
                                               const Work& work);

/// A shell where the recipe would be built; its exit status.
Result<int> shell_in(const Site& site, const Plan& plan, int terminal, const Work& work);

}  // namespace photon::forge
