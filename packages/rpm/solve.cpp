// A request becomes libsolv's jobs, its decisions become ordered steps.
#include <algorithm>

#include "devenv/core/name.hpp"
#include "packages/rpm/pool_state.hpp"

namespace photon::rpm {
namespace {

constexpr int by_name = SELECTION_NAME | SELECTION_GLOB;
constexpr int by_anything =
    by_name | SELECTION_PROVIDES | SELECTION_FILELIST | SELECTION_CANON | SELECTION_DOTARCH | SELECTION_REL;

/// Fills the queue of jobs; each function adds one sort of wish.
struct Jobs {
  Pool::State& state;
  Ids queue;

  [[nodiscard]] ::Pool* pool() const { return state.pool.get(); }

  Result<void> install(const std::string& wish) {
    if (wish.starts_with('(')) {
      Id id = dependency_id(pool(), wish);
      if (id == 0)
        return fail(Kind::usage, "rpm.dependency", fmt::format("{} is no dependency", shown(wish)),
                    "write (A or B), (A if B), (A with B)");
      queue.push(SOLVER_INSTALL | SOLVER_SOLVABLE_PROVIDES, id);
      return {};
    }
    if (wish.starts_with('/')) {
      state.look_up_file(wish);
      Id id = dependency_id(pool(), wish);
      if (pool_whatprovides(pool(), id) > 1) {
        queue.push(SOLVER_INSTALL | SOLVER_SOLVABLE_PROVIDES, id);
        return {};
      }
      return unknown(wish);
    }
    Ids selection;
    if (selection_make(pool(), selection.get(), wish.c_str(), by_anything) == 0) return unknown(wish);
    return add(selection, SOLVER_INSTALL);
  }

  Result<void> installed_ones(const std::string& wish, int action, int matching) {
    Ids selection;
    if (!pool()->installed ||
        selection_make(pool(), selection.get(), wish.c_str(), matching | SELECTION_INSTALLED_ONLY) == 0)
      return fail(Kind::not_found, "rpm.unknown", fmt::format("{} is not installed", shown(wish)));
    return add(selection, action);
  }

  /// Globs that match nothing ask for nothing.
  void each_named(const std::vector<std::string>& globs, int action, int more) {
    for (const auto& glob : globs) {
      Ids selection;
      if (selection_make(pool(), selection.get(), glob.c_str(), by_name | more) != 0)
        static_cast<void>(add(selection, action));
    }
  }

  Result<void> add(Ids& selection, int action) {
    auto pairs = selection.all();
    for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) queue.push(action | pairs[i], pairs[i + 1]);
    return {};
  }

  [[nodiscard]] tl::unexpected<Error> unknown(const std::string& wish) const {
    auto name = wish.substr(0, wish.find(' '));
    auto like = state.names_like(name);
    Ids named;
    std::string hint = like.empty() ? "" : fmt::format("did you mean {}?", fmt::join(like, ", "));
    if (Id id = pool_str2id(pool(), name.c_str(), 0); id != 0) {
      std::vector<std::string> versions;
      for (const Id* at = pool_whatprovides_ptr(pool(), id); *at && versions.size() < 5; ++at)
        versions.push_back(state.name(*at));
      if (!versions.empty()) hint = fmt::format("there is {}", fmt::join(versions, ", "));
    }
    return fail(Kind::not_found, "rpm.unknown", fmt::format("no package is or provides {}", shown(wish)),
                hint);
  }
};

Result<void> add_wishes(Jobs& jobs, const Request& request) {
  for (const auto& wish : request.install) PHOTON_CHECK(jobs.install(wish));
  for (const auto& wish : request.remove)
    PHOTON_CHECK(jobs.installed_ones(wish, SOLVER_ERASE,
                                     by_name | SELECTION_CANON | SELECTION_DOTARCH | SELECTION_PROVIDES));
  for (const auto& wish : request.update)
    PHOTON_CHECK(jobs.installed_ones(wish, SOLVER_UPDATE, by_name | SELECTION_CANON | SELECTION_DOTARCH));
  if (request.update_all) jobs.queue.push(SOLVER_UPDATE | SOLVER_SOLVABLE_ALL, 0);
  if (request.distro_sync) jobs.queue.push(SOLVER_DISTUPGRADE | SOLVER_SOLVABLE_ALL, 0);
  jobs.each_named(request.multiversion, SOLVER_MULTIVERSION, 0);
  if (jobs.pool()->installed) jobs.each_named(request.locks, SOLVER_LOCK, SELECTION_INSTALLED_ONLY);
  return {};
}

void set_flags(::Solver* solver, const Request& request) {
  for (int flag : {SOLVER_FLAG_ALLOW_VENDORCHANGE, SOLVER_FLAG_DUP_ALLOW_VENDORCHANGE,
                   SOLVER_FLAG_KEEP_ORPHANS, SOLVER_FLAG_BEST_OBEY_POLICY, SOLVER_FLAG_YUM_OBSOLETES})
    solver_set_flag(solver, flag, 1);
  solver_set_flag(solver, SOLVER_FLAG_IGNORE_RECOMMENDED, request.recommends ? 0 : 1);
  solver_set_flag(solver, SOLVER_FLAG_ALLOW_UNINSTALL, request.allow_erasing ? 1 : 0);
}

Action action_of(Id type) {
  switch (type) {
    case SOLVER_TRANSACTION_ERASE:
      return Action::erase;
    case SOLVER_TRANSACTION_REINSTALL:
    case SOLVER_TRANSACTION_CHANGE:
    case SOLVER_TRANSACTION_MULTIREINSTALL:
      return Action::reinstall;
    case SOLVER_TRANSACTION_UPGRADE:
      return Action::upgrade;
    case SOLVER_TRANSACTION_DOWNGRADE:
      return Action::downgrade;
    case SOLVER_TRANSACTION_OBSOLETES:
      return Action::replace;
    default:
      return Action::install;
  }
}

Solution steps_of(const Pool::State& state, ::Solver* solver) {
  Solution solution;
  SolverSteps steps(solver_create_transaction(solver));
  transaction_order(steps.get(), 0);
  constexpr int mode = SOLVER_TRANSACTION_SHOW_ACTIVE | SOLVER_TRANSACTION_SHOW_OBSOLETES |
                       SOLVER_TRANSACTION_SHOW_MULTIINSTALL | SOLVER_TRANSACTION_CHANGE_IS_REINSTALL;
  for (int i = 0; i < steps->steps.count; ++i) {
    Id id = steps->steps.elements[i];
    Id type = transaction_type(steps.get(), id, mode);
    if (type == SOLVER_TRANSACTION_IGNORE ||
        (state.pool->solvables[id].repo == state.pool->installed && type != SOLVER_TRANSACTION_ERASE))
      continue;
    Step step{action_of(type), state.item(id)};
    if (step.action != Action::install && step.action != Action::erase)
      if (Id before = transaction_obs_pkg(steps.get(), id)) step.before = state.nevra(before);
    solution.steps.push_back(std::move(step));
  }
  return solution;
}

}  // namespace

Result<Solution> Pool::solve(const Request& request) {
  state_->prepare(request.excludes);
  Jobs jobs{*state_};
  PHOTON_CHECK(add_wishes(jobs, request));
  SolverHandle solver(solver_create(state_->pool.get()));
  set_flags(solver.get(), request);
  if (solver_solve(solver.get(), jobs.queue.get()) != 0)
    return tl::unexpected(state_->load_error ? *state_->load_error : explain(*state_, solver.get(), request));
  return steps_of(*state_, solver.get());
}

}  // namespace photon::rpm
