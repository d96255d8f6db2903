// From a recipe to its build root and key.
#include <fcntl.h>

#include <boost/json/array.hpp>

#include <algorithm>
#include <filesystem>

#include "devenv/core/fd.hpp"
#include "devenv/core/json.hpp"
#include "devenv/core/undo.hpp"
#include "packages/forge/build/laid_out.hpp"
#include "packages/rpm/package.hpp"

namespace photon::forge {
namespace {

/// rpmbuild's status for "there are needs to be met first".
constexpr int more_needs = 11;
constexpr int most_rounds = 10;

/// What it needs in a root of the other processor: libraries and their headers, not programs.
bool is_of_sysroot(const std::string& need) {
  std::string name = need.substr(0, need.find(' '));
  return name.starts_with("pkgconfig(") || name.starts_with("cmake(") || name.ends_with("-devel") ||
         name.ends_with("-static");
}

Result<void> find_root(const Site& site, const std::vector<std::string>& wanted, const Universe& ours,
                       Plan& plan) {
  std::vector<std::string> needs = site.options.base;
  needs.insert(needs.end(), wanted.begin(), wanted.end());
  if (!site.cross() || plan.arch == "noarch") {
    PHOTON_TRY(plan.root.native, site.roots.solve(machine_arch(), replaced(site.imports, ours), needs));
    return {};
  }
  for (const char* tool : {"gcc", "g++", "ld", "strip"})
    needs.push_back(fmt::format("/usr/bin/{}-linux-gnu-{}", site.options.arch, tool));
  std::vector<std::string> libraries{"glibc-devel", "libstdc++-devel"};
  std::copy_if(wanted.begin(), wanted.end(), std::back_inserter(libraries), is_of_sysroot);
  PHOTON_TRY(plan.root.sysroot, site.roots.solve(site.options.arch, replaced(site.foreign, ours), libraries));
  PHOTON_TRY(plan.root.native, site.roots.solve(machine_arch(), site.imports, needs));
  return {};
}

Result<void> find_key(const Site& site, Plan& plan) {
  std::map<std::string, std::string> trees;
  for (const auto& source : plan.recipe->sources)
    if (!source.tree.empty() && site.checkout) {
      PHOTON_TRY(trees[source.tree], site.checkout->digest(source.tree));
    }
  PHOTON_TRY(plan.ingredients, ingredients_of(*plan.recipe, plan.arch, site.macros_digest, trees, plan.root));
  plan.key = key_of(plan.ingredients);
  return {};
}

Result<void> with_needs(const Site& site, const std::vector<std::string>& generated, const Universe& ours,
                        Plan& plan) {
  auto needs = plan.recipe->build_requires;
  needs.insert(needs.end(), generated.begin(), generated.end());
  PHOTON_CHECK(find_root(site, needs, ours, plan));
  return find_key(site, plan);
}

/// One run of it in the root that there is now: all needs that it and the spec name.
Result<std::vector<std::string>> ask(const Site& site, const Plan& plan, const Work& work) {
  const Recipe& recipe = *plan.recipe;
  std::string scratch = scratch_for(site, recipe, "-needs");
  PHOTON_CHECK(make_directories(scratch, 0755));
  Finally clean{[&] { (void)remove_scratch(scratch); }};
  PHOTON_TRY(auto laid, lay_out(site, plan, scratch, site.options.jobs, work));
  std::string log = fmt::format("{}/logs/{}-{}.needs.log", site.store.folder(), recipe.name, plan.basis);
  PHOTON_TRY(auto out, open_fd(log, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0644));
  laid.command.argv = {"/usr/bin/rpmbuild", "-br",      "--nodeps",  "--define",
                       "_topdir /build",    "--target", laid.target, laid.spec};
  laid.command.output = out.get();
  PHOTON_TRY(auto end, run_in_sandbox(laid.command, work));
  if (end.status != 0 && end.status != more_needs)
    return fail_at({log}, Kind::failed, "forge.needs",
                   fmt::format("%generate_buildrequires of {} ended with {}", recipe.name, end.status));
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(scratch + "/upper/build/SRPMS", error)) {
    PHOTON_TRY(auto package, rpm::read_package(entry.path().string()));
    std::erase_if(package.needs, [](const auto& need) { return need.starts_with("rpmlib("); });
    std::sort(package.needs.begin(), package.needs.end());
    return package.needs;
  }
  return std::vector<std::string>{};
}

std::optional<std::vector<std::string>> remembered_needs(const std::string& note) {
  auto parsed = parse_json(note, "generated needs");
  if (!parsed || !parsed->is_array()) return std::nullopt;
  std::vector<std::string> needs;
  for (const auto& need : parsed->get_array())
    if (need.is_string()) needs.emplace_back(need.get_string());
  return needs;
}

}  // namespace

Result<Plan> plan_one(const Site& site, const Recipe& recipe, const Universe& ours) {
  Plan plan{.recipe = &recipe, .arch = recipe.arch == "noarch" ? "noarch" : site.options.arch};
  PHOTON_CHECK(with_needs(site, {}, ours, plan));
  plan.basis = plan.key;
  plan.generated = !recipe.dynamic_build_requires;
  if (plan.generated) return plan;
  PHOTON_TRY(auto note, site.store.note("needs." + plan.basis));
  if (!note) return plan;
  auto needs = remembered_needs(*note);
  if (!needs) return plan;
  PHOTON_CHECK(with_needs(site, *needs, ours, plan));
  plan.generated = true;
  return plan;
}

Result<Plan> generate_needs(const Site& site, const Plan& before, const Universe& ours, const Work& work) {
  Plan plan = before;
  std::vector<std::string> known;
  for (int round = 0; round < most_rounds; ++round) {
    PHOTON_TRY(auto needs, ask(site, plan, work));
    if (needs == known) {
      json::array list;
      for (const auto& need : needs) list.emplace_back(need);
      PHOTON_CHECK(site.store.set_note("needs." + plan.basis, write_json(list)));
      plan.generated = true;
      return plan;
    }
    known = std::move(needs);
    PHOTON_CHECK(with_needs(site, known, ours, plan));
  }
  return fail_at({plan.recipe->spec}, Kind::failed, "forge.needs",
                 fmt::format("%generate_buildrequires of {} asks for more each time", plan.recipe->name));
}

}  // namespace photon::forge
