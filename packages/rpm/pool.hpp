// What can be had and what is wanted: libsolv behind values. A pool is filled once, then asked as often as
// one likes. Not safe from several threads.
#pragma once
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "devenv/core/error.hpp"
#include "packages/rpm/package.hpp"

namespace photon::rpm {

/// One package of a solution, with where its bytes are.
struct Item {
  Nevra nevra{};
  std::string repository{};  ///< the name it was added under; "@installed" for what is there
  std::string location{};    ///< absolute path, or a path relative to the repository's base
  std::string sha256{};      ///< of the whole file, where the metadata says so
  std::uint64_t download_size = 0;
  std::uint64_t installed_size = 0;
};

enum class Action { install, reinstall, upgrade, downgrade, erase, replace };  ///< replace: by Obsoletes

struct Step {
  Action action = Action::install;
  Item item{};
  std::optional<Nevra> before{};  ///< of an upgrade, a downgrade, a reinstall, a replacement
};

struct Solution {
  std::vector<Step> steps{};  ///< in the order in which rpm would run them
};

struct Request {
  std::vector<std::string> install{};  ///< names, provides, files, "name = evr", rich dependencies
  std::vector<std::string> remove{};
  std::vector<std::string> update{};  ///< names; with `update_all` everything
  bool update_all = false;
  bool distro_sync = false;
  bool recommends = false;                  ///< follow weak dependencies
  bool allow_erasing = false;               ///< installed packages may go to make room
  std::vector<std::string> locks{};         ///< names (globs) that stay as they are
  std::vector<std::string> excludes{};      ///< names (globs) that are not there at all
  std::vector<std::string> multiversion{};  ///< names (globs) of which several may be installed: kernels
};

/// A set of packages from files and repositories for one architecture.
class Pool {
 public:
  /// `arch`: "x86_64" or "aarch64"; others are usage errors. RPM semantics always (pool_setdisttype).
  static Result<Pool> create(const std::string& arch);
  Pool(Pool&&) noexcept;
  Pool& operator=(Pool&&) noexcept;
  ~Pool();

  /// RPM files, read by their headers (file lists included). Among equals a lower `priority` wins, as in dnf.
  Result<void> add_files(const std::string& name, std::span<const std::string> paths, int priority = 99);
  /// The same from a `.solv` cache at `cache`, which is made (again) when the list of paths, sizes or times
  /// differs from what it was made of.
  Result<void> add_files_cached(const std::string& name, std::span<const std::string> paths,
                                const std::string& cache, int priority = 99);
  /// The rpm database below `root`; an empty root is no packages.
  Result<void> add_installed(const std::string& root);

  /// conflict "rpm.unsolvable": the message says in plain words who needs what and why it cannot be, the hint
  /// the ways out. not_found "rpm.unknown" names what nothing provides, with the nearest names.
  Result<Solution> solve(const Request& request);
  /// Whether some package provides it, and which: for graphs and `whatprovides`.
  std::vector<Item> providers(const std::string& dependency);

  struct State;  ///< of this folder and its tests alone (pool_state.hpp)
  State& state() { return *state_; }

 private:
  explicit Pool(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace photon::rpm
