// Why a request cannot be fulfilled, and the ways out, in plain words.
#include <algorithm>

#include "devenv/core/name.hpp"
#include "packages/rpm/pool_state.hpp"

namespace photon::rpm {
namespace {

constexpr std::size_t most_facts = 6, most_ways = 4;

class Explainer {
 public:
  Explainer(Pool::State& state, ::Solver* solver) : state_(state), solver_(solver), pool_(state.pool.get()) {}

  std::vector<std::string> facts(Id problem) {
    Ids rules;
    solver_findallproblemrules(solver_, problem, rules.get());
    std::vector<std::string> sure, vague;
    for (Id rule : rules.all()) {
      Ids infos;  // type, from, to, dependency
      solver_allruleinfos(solver_, rule, infos.get());
      auto all = infos.all();
      for (std::size_t i = 0; i + 3 < all.size(); i += 4) {
        auto text = fact(static_cast<SolverRuleinfo>(all[i]), all[i + 1], all[i + 2], all[i + 3]);
        auto& list = (all[i] & SOLVER_RULE_TYPEMASK) == SOLVER_RULE_PKG ||
                             (all[i] & SOLVER_RULE_TYPEMASK) == SOLVER_RULE_JOB
                         ? sure
                         : vague;
        if (!text.empty() && std::ranges::find(list, text) == list.end()) list.push_back(std::move(text));
      }
    }
    // Needs first, then what stands in their way; the solver's own order differs from version to version.
    auto rank = [](const std::string& text) { return std::pair(text.find(" needs ") == text.npos, text); };
    std::ranges::sort(sure, {}, rank);
    std::ranges::sort(vague, {}, rank);
    for (auto& text : vague)
      if (sure.size() < most_facts) sure.push_back(std::move(text));
    if (sure.size() > most_facts) sure.resize(most_facts);
    return sure;
  }

  std::vector<std::string> ways(Id problem) {
    std::vector<std::string> result;
    auto count = static_cast<Id>(solver_solution_count(solver_, problem));
    for (Id solution = 1; solution <= count && result.size() < most_ways; ++solution) {
      std::vector<std::string> parts;
      Id element = 0, p = 0, rp = 0;
      while ((element = solver_next_solutionelement(solver_, problem, solution, element, &p, &rp)) != 0)
        if (auto text = way(p, rp); !text.empty()) parts.push_back(std::move(text));
      if (parts.empty()) continue;
      auto text = fmt::format("{}", fmt::join(parts, " and "));
      if (std::ranges::find(result, text) == result.end()) result.push_back(std::move(text));
    }
    return result;
  }

  [[nodiscard]] const std::string& missing() const { return missing_; }
  [[nodiscard]] const std::string& excluded() const { return excluded_; }

 private:
  [[nodiscard]] std::string name(Id id) const { return shown(state_.name(id), 200); }
  [[nodiscard]] std::string dependency(Id id) const { return shown(pool_dep2str(pool_, id), 200); }
  [[nodiscard]] bool installed(Id id) const {
    return pool_->installed && pool_->solvables[id].repo == pool_->installed;
  }
  [[nodiscard]] std::string who(Id id) const {
    return installed(id) ? name(id) + ", which is installed," : name(id);
  }

  /// "a, b or 3 others"
  [[nodiscard]] std::string providers(Id dep) const {
    std::vector<std::string> names;
    std::size_t more = 0;
    for (const Id* at = pool_whatprovides_ptr(pool_, dep); *at; ++at) {
      if (names.size() < 3)
        names.push_back(name(*at));
      else
        ++more;
    }
    if (more > 0) return fmt::format("{} or {} others", fmt::join(names, ", "), more);
    if (names.size() < 2) return names.empty() ? "nothing" : names.front();
    auto last = std::move(names.back());
    names.pop_back();
    return fmt::format("{} or {}", fmt::join(names, ", "), last);
  }

  std::string fact(SolverRuleinfo type, Id from, Id to, Id dep) {
    switch (type) {
      case SOLVER_RULE_PKG_NOT_INSTALLABLE:
        if (!state_.is_excluded(from)) return fmt::format("{} is not for {}", name(from), state_.arch);
        excluded_ = shown(pool_id2str(pool_, pool_->solvables[from].name), 200);
        return name(from) + " is excluded";
      case SOLVER_RULE_PKG_NOTHING_PROVIDES_DEP:
        missing_ = dependency(dep);
        return fmt::format("{} needs {}, which nothing provides", who(from), missing_);
      case SOLVER_RULE_PKG_REQUIRES:
        return fmt::format("{} needs {}, which only {} can give", who(from), dependency(dep), providers(dep));
      case SOLVER_RULE_PKG_SELF_CONFLICT:
        return fmt::format("{} conflicts with {}, which it provides itself", name(from), dependency(dep));
      case SOLVER_RULE_PKG_CONFLICTS:
        return fmt::format("{} conflicts with {} (it says: {})", who(from), name(to), dependency(dep));
      case SOLVER_RULE_PKG_SAME_NAME:
        return fmt::format("only one of {} and {} can be installed", name(from), name(to));
      case SOLVER_RULE_PKG_OBSOLETES:
      case SOLVER_RULE_PKG_IMPLICIT_OBSOLETES:
      case SOLVER_RULE_PKG_INSTALLED_OBSOLETES:
        return fmt::format("{} replaces {} (it says: {})", who(from), name(to), dependency(dep));
      case SOLVER_RULE_UPDATE:
        return fmt::format("{} is installed and is to stay", name(from));
      case SOLVER_RULE_JOB_NOTHING_PROVIDES_DEP:
      case SOLVER_RULE_JOB_UNKNOWN_PACKAGE:
        missing_ = dependency(dep);
        return fmt::format("nothing provides {}", missing_);
      case SOLVER_RULE_INFARCH:
        return fmt::format("{} is of a lesser architecture", name(from));
      case SOLVER_RULE_BEST:
        return fmt::format("the newest {} cannot be installed", from > 0 ? name(from) : "package");
      default:
        return {};
    }
  }

  std::string way(Id p, Id rp) const {
    if (p == SOLVER_SOLUTION_JOB || p == SOLVER_SOLUTION_POOLJOB) {
      Id how = solver_->job.elements[rp - 1], what = solver_->job.elements[rp];
      auto subject = shown(solver_select2str(pool_, how & SOLVER_SELECTMASK, what), 200);
      switch (how & SOLVER_JOBMASK) {
        case SOLVER_INSTALL:
          return "do not install " + subject;
        case SOLVER_ERASE:
          return "do not remove " + subject;
        case SOLVER_LOCK:
          return "unlock " + subject;
        case SOLVER_UPDATE:
          return "do not update " + subject;
        default:
          return {};
      }
    }
    if (p <= 0) return rp > 0 ? "allow " + name(rp) : std::string();
    if (rp == 0) return "let " + name(p) + " be removed";
    return fmt::format("let {} become {}", name(p), name(rp));
  }

  Pool::State& state_;
  ::Solver* solver_;
  ::Pool* pool_;
  std::string missing_;   ///< a dependency that nothing provides
  std::string excluded_;  ///< a name that the request keeps out
};

}  // namespace

Error explain(Pool::State& state, ::Solver* solver, const Request& request) {
  Explainer explainer(state, solver);
  auto facts = explainer.facts(1);
  auto ways = explainer.ways(1);
  auto others = solver_problem_count(solver);
  Error error{.kind = Kind::conflict, .code = "rpm.unsolvable"};
  error.message =
      facts.empty() ? "the request contradicts itself" : fmt::format("{}", fmt::join(facts, "; "));
  if (others > 1)
    error.message += fmt::format(" (and {} more such {})", others - 1, others == 2 ? "problem" : "problems");
  if (!explainer.excluded().empty()) ways.insert(ways.begin(), "do not exclude " + explainer.excluded());
  bool removal = std::ranges::any_of(ways, [](const auto& way) { return way.starts_with("let "); });
  error.hint = fmt::format("{}", fmt::join(ways, "; or "));
  if (removal && !request.allow_erasing) error.hint += "; erasing has to be allowed for that";
  const auto& missing = explainer.missing();
  if (auto like = state.names_like(missing.substr(0, missing.find(' '))); !missing.empty() && !like.empty())
    error.hint += fmt::format("{}is {} meant?", error.hint.empty() ? "" : "; ", fmt::join(like, " or "));
  return error;
}

}  // namespace photon::rpm
