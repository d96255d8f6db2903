#include "packages/forge/build/schedule.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

#include "devenv/core/name.hpp"
#include "devenv/core/terminal.hpp"
#include "packages/forge/build/events.hpp"
#include "packages/forge/build/key_lock.hpp"

namespace photon::forge {
namespace {

enum class Stage { waiting, running, done };

class Run {
 public:
  Run(const Graph& graph, const Site& site, Events events, const Work& work)
      : graph_(graph), site_(site), work_(work), events_(std::move(events)) {
    results_.resize(graph.recipes.size());
    stages_.resize(graph.recipes.size(), Stage::waiting);
    for (std::size_t at = 0; at < results_.size(); ++at) results_[at].recipe = graph.recipes[at].name;
  }

  Result<std::vector<RecipeResult>> all() {
    PHOTON_CHECK(select());
    events_.say("begin", {{"total", selected_.size()}, {"arch", site_.options.arch}});
    settle_cycles();
    look_at_all();
    if (!site_.options.dry_run) {
      weigh();
      std::vector<std::jthread> workers;
      for (unsigned count = std::max(1U, site_.options.jobs); count > 1; --count)
        workers.emplace_back([this] { work_loop(); });
      work_loop();
    }
    if (work_.stopped()) return cancelled();
    std::vector<RecipeResult> asked;
    name_what_is_blocked();
    for (std::size_t at : selected_) asked.push_back(std::move(results_[at]));
    events_.say("end", {});
    return asked;
  }

 private:
  Result<void> select() {
    if (site_.options.only.empty()) {
      for (std::size_t at = 0; at < graph_.recipes.size(); ++at) selected_.insert(at);
      return {};
    }
    std::vector<std::size_t> open;
    for (const auto& name : site_.options.only) {
      auto found = std::find_if(graph_.recipes.begin(), graph_.recipes.end(),
                                [&](const auto& recipe) { return recipe.name == name; });
      if (found == graph_.recipes.end())
        return fail(Kind::not_found, "forge.unknown", fmt::format("there is no recipe {}", name),
                    "forge graph shows them all");
      open.push_back(static_cast<std::size_t>(found - graph_.recipes.begin()));
    }
    while (!open.empty()) {
      std::size_t at = open.back();
      open.pop_back();
      if (selected_.insert(at).second)
        open.insert(open.end(), graph_.needs[at].begin(), graph_.needs[at].end());
    }
    return {};
  }

  void settle_cycles() {
    std::set<std::size_t> orderly(graph_.order.begin(), graph_.order.end());
    for (std::size_t at : selected_) {
      if (orderly.contains(at)) continue;
      const auto& name = results_[at].recipe;
      for (const auto& cycle : graph_.cycles)
        if (std::find(cycle.begin(), cycle.end(), name) != cycle.end()) {
          Error error{Kind::conflict,
                      "forge.cycle",
                      fmt::format("{} needs itself: {}", name, fmt::join(cycle, " → ")),
                      {},
                      "import one of them, or take a BuildRequires away"};
          finish(at, Outcome::failed, sentence(error), error);
          break;
        }
      if (stages_[at] == Stage::waiting) finish(at, Outcome::blocked, "a cycle is before it");
    }
  }

  /// In order, as far as everything is stored: the whole of a run that has nothing to do.
  void look_at_all() {
    for (std::size_t at : graph_.order) {
      if (!selected_.contains(at) || work_.stopped() || stages_[at] != Stage::waiting) continue;
      if (!fits(at)) continue;
      bool asked = asked_for(at);
      if (auto blocker = unready(at)) {
        if (site_.options.dry_run && asked)
          finish(at, Outcome::due, "after " + graph_.recipes[*blocker].name);
        else if (site_.options.dry_run)
          leave_out(at);
        continue;
      }
      if (stands_by_import(at)) continue;
      auto plan = plan_one(site_, graph_.recipes[at], needed_by(at));
      if (!plan) {
        finish(at, Outcome::failed, sentence(plan.error()), plan.error());
        continue;
      }
      auto stored = site_.store.find(plan->key);
      if (stored && *stored && plan->generated &&
          (!site_.options.check_reproducible || site_.options.dry_run || !asked)) {
        results_[at].built = std::move(**stored);
        finish(at, Outcome::reused, {});
      } else if (!asked && plan->generated) {
        leave_out(at);
      } else if (site_.options.dry_run) {
        results_[at].built.key = plan->key;
        results_[at].built.ingredients = plan->ingredients;
        finish(at, Outcome::due, why_anew(*plan));
      }
    }
  }

  /// The first of its needs that is not there.
  std::optional<std::size_t> unready(std::size_t at) const {
    for (std::size_t need : graph_.needs[at])
      if (stages_[need] != Stage::done || !is_good(need)) return need;
    return std::nullopt;
  }
  [[nodiscard]] bool is_good(std::size_t at) const {
    // Without a build of its own the import of that name serves.
    return results_[at].outcome == Outcome::built || results_[at].outcome == Outcome::reused ||
           (results_[at].outcome == Outcome::skipped &&
            (!fits_arch(at) || graph_.recipes[at].import_suffices));
  }
  [[nodiscard]] bool fits_arch(std::size_t at) const {
    const auto& recipe = graph_.recipes[at];
    const auto& only = recipe.exclusive_arch;
    bool named = only.empty() || std::find(only.begin(), only.end(), site_.options.arch) != only.end() ||
                 std::find(only.begin(), only.end(), "noarch") != only.end();
    return named && (!site_.cross() || builds_for_another(recipe, site_.options.arch));
  }
  bool fits(std::size_t at) {
    if (fits_arch(at)) return true;
    finish(at, Outcome::skipped, "not built for " + site_.options.arch);
    return false;
  }

  /// Whether it is to be built if it is not stored.
  [[nodiscard]] bool asked_for(std::size_t at) const {
    return !graph_.recipes[at].when_asked || !site_.options.only.empty() ||
           std::any_of(graph_.needs.begin(), graph_.needs.end(), [at](const auto& needs) {
             return std::find(needs.begin(), needs.end(), at) != needs.end();
           });
  }
  static std::string unasked(const Recipe& recipe) {
    return "built when it is asked for: forge build " + recipe.name;
  }
  void leave_out(std::size_t at) {
    results_[at].left_out = true;
    finish(at, Outcome::skipped, unasked(graph_.recipes[at]));
  }

  /// A source that was nowhere yesterday is not asked for on each run, but when its recipe is named.
  bool stands_by_import(std::size_t at) {
    const auto& recipe = graph_.recipes[at];
    const auto& only = site_.options.only;
    if (!recipe.import_suffices || std::find(only.begin(), only.end(), recipe.name) != only.end() ||
        !out_of_reach(recipe, site_.store))
      return false;
    finish(at, Outcome::skipped,
           "its source is out of reach, the import stands; forge build " + recipe.name + " tries again");
    return true;
  }

  /// The packages of all that it needs, their needs included.
  Universe needed_by(std::size_t at) const {
    std::set<std::size_t> all;
    std::vector<std::size_t> open = graph_.needs[at];
    std::vector<Built> builds;
    while (!open.empty()) {
      std::size_t next = open.back();
      open.pop_back();
      if (!all.insert(next).second) continue;
      builds.push_back(results_[next].built);
      open.insert(open.end(), graph_.needs[next].begin(), graph_.needs[next].end());
    }
    return universe_of(builds, site_.store);
  }

  std::string why_anew(const Plan& plan) const {
    auto history = site_.store.history(plan.recipe->name, plan.arch);
    if (!history || history->empty()) return "never built";
    auto lines = changes(history->front().ingredients, plan.ingredients);
    if (lines.empty()) return "its packages are no longer stored";
    return lines.size() == 1 ? lines[0] : fmt::format("{}, and {} more", lines[0], lines.size() - 1);
  }

  /// How long what is left takes after each: the longest way is begun first.
  void weigh() {
    weights_.assign(graph_.recipes.size(), 0);
    own_.assign(graph_.recipes.size(), 0);
    for (std::size_t at : selected_) {
      if (stages_[at] != Stage::waiting) continue;
      auto history = site_.store.history(graph_.recipes[at].name, site_.options.arch);
      bool known = history && !history->empty();
      all_known_ = all_known_ && known;
      own_[at] = known ? history->front().seconds : 30;
    }
    for (auto it = graph_.order.rbegin(); it != graph_.order.rend(); ++it) {
      weights_[*it] += own_[*it];
      for (std::size_t need : graph_.needs[*it]) weights_[need] = std::max(weights_[need], weights_[*it]);
    }
  }

  /// What is left by the last builds' times, where there was one of each; nothing else is worth saying.
  [[nodiscard]] std::string left() const {
    if (own_.empty() || !all_known_ || finished_ == selected_.size()) return {};
    double sum = 0, longest = 0;
    for (std::size_t at : selected_) {
      if (stages_[at] == Stage::done) continue;
      sum += own_[at];
      longest = std::max(longest, weights_[at]);
    }
    return fmt::format("about {} left",
                       duration_words(std::max(longest, sum / std::max(1U, site_.options.jobs))));
  }

  void work_loop() {
    std::unique_lock lock(mutex_);
    for (;;) {
      if (work_.stopped() || halted_) return;
      block_behind_failures();
      std::optional<std::size_t> next;
      for (std::size_t at : graph_.order)
        if (selected_.contains(at) && stages_[at] == Stage::waiting && !unready(at) &&
            (!next || weights_[at] > weights_[*next]))
          next = at;
      if (!next) {
        if (running_ == 0) break;
        changed_.wait(lock);
        continue;
      }
      stages_[*next] = Stage::running;
      ++running_;
      Universe ours = needed_by(*next);
      lock.unlock();
      auto result = one(graph_.recipes[*next], ours);
      lock.lock();
      --running_;
      results_[*next] = std::move(result);
      if (!work_.stopped())
        finish(*next, results_[*next].outcome, results_[*next].why, results_[*next].error);
      if (results_[*next].outcome == Outcome::failed && !site_.options.keep_going) halted_ = true;
      changed_.notify_all();
    }
    changed_.notify_all();
  }

  void block_behind_failures() {
    for (std::size_t at : graph_.order) {
      if (!selected_.contains(at) || stages_[at] != Stage::waiting || !fits(at)) continue;
      for (std::size_t need : graph_.needs[at])
        if (stages_[need] == Stage::done && !is_good(need)) {
          finish(at, Outcome::blocked,
                 graph_.recipes[need].name + " " + std::string(word_of(results_[need].outcome)));
          break;
        }
    }
  }

  /// Without the lock: nothing here touches what others write.
  RecipeResult one(const Recipe& recipe, const Universe& ours) {
    RecipeResult result{.recipe = recipe.name};
    auto done = try_one(recipe, ours, result);
    if (!done && done.error().code == "forge.source" && recipe.import_suffices) {
      result.outcome = Outcome::skipped;
      result.why = "its source is out of reach, the import stands: " + done.error().message;
    } else if (!done) {
      result.outcome = Outcome::failed;
      result.why = sentence(done.error());
      result.error = std::move(done).error();
    }
    return result;
  }

  Result<void> try_one(const Recipe& recipe, const Universe& ours, RecipeResult& result) {
    PHOTON_TRY(auto plan, plan_one(site_, recipe, ours));
    if (!plan.generated) {
      PHOTON_TRY(plan, generate_needs(site_, plan, ours, work_));
    }
    PHOTON_TRY(auto lock, lock_key(site_.store.folder() + "/locks", plan.key, work_));
    PHOTON_TRY(auto stored, site_.store.find(plan.key));
    result.outcome = stored ? Outcome::reused : Outcome::built;
    if (bool asked = asked_for(static_cast<std::size_t>(&recipe - graph_.recipes.data())); stored) {
      result.built = std::move(*stored);
      if (!asked) return {};
    } else if (!asked) {
      result.outcome = Outcome::skipped;
      result.left_out = true;
      result.why = unasked(recipe);
      return {};
    } else {
      result.why = why_anew(plan);
      events_.say("start", {{"recipe", recipe.name}, {"key", plan.key}, {"why", result.why}});
      PHOTON_TRY(result.built, build_one(site_, plan, teller(recipe.name), work_));
      work_.report({.step = "build", .subject = recipe.name, .detail = result.why, .finished = true});
    }
    if (!site_.options.check_reproducible) return {};
    work_.report({.step = "again", .subject = recipe.name, .detail = {}});
    PHOTON_TRY(auto different, compare_again(site_, plan, result.built, work_));
    events_.say("compared", {{"recipe", recipe.name}, {"equal", different.empty()}});
    if (!different.empty())
      return fail(Kind::failed, "forge.reproducible",
                  fmt::format("{} is not reproducible: {} differs", recipe.name, fmt::join(different, ", ")),
                  "forge diff " + recipe.name + " shows where");
    work_.report({.step = "again", .subject = recipe.name, .detail = "equal", .finished = true});
    return {};
  }

  Phase teller(const std::string& name) {
    return [this, name, last = std::make_shared<std::string>()](const std::string& phase) {
      if (phase == *last) return;
      *last = phase;
      work_.report({.step = "build", .subject = name, .detail = phase});
      events_.say("phase", {{"recipe", name}, {"phase", phase}});
    };
  }

  void finish(std::size_t at, Outcome outcome, std::string why, std::optional<Error> error = {}) {
    auto& result = results_[at];
    stages_[at] = Stage::done;
    result.outcome = outcome;
    result.why = std::move(why);
    result.error = std::move(error);
    ++finished_;
    events_.say("done", {{"recipe", result.recipe},
                         {"outcome", word_of(outcome)},
                         {"key", result.built.key},
                         {"seconds", result.built.seconds},
                         {"log", result.built.log},
                         {"why", result.why}});
    if (outcome == Outcome::failed)
      work_.report({.step = "failed", .subject = result.recipe, .detail = result.why, .finished = true});
    if (outcome == Outcome::built || outcome == Outcome::failed)
      work_.report({.step = "packages",
                    .subject = fmt::format("{} of {}", finished_, selected_.size()),
                    .detail = left(),
                    .done = finished_,
                    .total = selected_.size(),
                    .finished = finished_ == selected_.size()});
  }

  void name_what_is_blocked() {
    for (std::size_t at : graph_.order) {
      if (!selected_.contains(at) || results_[at].outcome != Outcome::blocked) continue;
      std::set<std::size_t> seen;
      std::vector<std::size_t> open = graph_.needs[at];
      while (!open.empty()) {
        std::size_t next = open.back();
        open.pop_back();
        if (!seen.insert(next).second) continue;
        if (results_[next].outcome == Outcome::failed) results_[next].blocks.push_back(results_[at].recipe);
        open.insert(open.end(), graph_.needs[next].begin(), graph_.needs[next].end());
      }
    }
    for (std::size_t at : selected_)
      if (stages_[at] != Stage::done) {
        results_[at].outcome = Outcome::skipped;
        results_[at].why = "not begun";
      }
  }

  const Graph& graph_;
  const Site& site_;
  const Work& work_;
  Events events_;
  std::set<std::size_t> selected_;
  std::vector<RecipeResult> results_;
  std::vector<Stage> stages_;
  std::vector<double> weights_, own_;  ///< seconds
  bool all_known_ = true;
  std::size_t finished_ = 0;
  unsigned running_ = 0;
  bool halted_ = false;
  std::mutex mutex_;
  std::condition_variable changed_;
};

}  // namespace

Result<std::vector<RecipeResult>> run_graph(const Graph& graph, const Site& site, const Work& work) {
  PHOTON_TRY(auto events, Events::open(site.options.events));
  return Run(graph, site, std::move(events), work).all();
}

}  // namespace photon::forge
