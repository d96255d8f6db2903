// What a Pool holds, for the files that fill it, ask it and explain its answers.
#pragma once
#include <set>
#include <string>
#include <vector>

#include "packages/rpm/libsolv.hpp"
#include "packages/rpm/pool.hpp"

namespace photon::rpm {

struct Pool::State {
  PoolHandle pool;
  std::string arch;
  bool prepared = false;
  std::vector<std::string> excluded;        ///< the globs that the pool's `considered` map was made of
  std::optional<Error> load_error;          ///< of file lists that were asked for while solving
  std::vector<std::shared_ptr<void>> kept;  ///< what libsolv's callbacks point to

  /// A repository that holds nothing yet; the pool has to be prepared again.
  ::Repo* add_repository(const std::string& name, int priority);
  /// Indexes what is provided, file requires included, without what `excludes` names.
  void prepare(const std::vector<std::string>& excludes);
  /// Makes a path known to the index, which holds only what packages require.
  void look_up_file(const std::string& path);
  [[nodiscard]] Item item(Id solvable) const;
  [[nodiscard]] Nevra nevra(Id solvable) const;
  /// "bash-5.2-1.x86_64"
  [[nodiscard]] std::string name(Id solvable) const;
  [[nodiscard]] bool is_excluded(Id solvable) const;
  /// Up to three names of packages that resemble the word, the nearest first.
  [[nodiscard]] std::vector<std::string> names_like(const std::string& word) const;
};

/// The first of the solver's problems in plain words, with the ways out as hint.
Error explain(Pool::State& state, ::Solver* solver, const Request& request);

}  // namespace photon::rpm
