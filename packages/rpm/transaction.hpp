// Installs and removes packages below a root through librpm.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "devenv/core/error.hpp"
#include "devenv/core/work.hpp"
#include "packages/rpm/pool.hpp"

namespace photon::rpm {

/// Where rpm's database lies below a root, as packages/macros says it to rpm itself.
inline constexpr std::string_view database_folder = "/usr/lib/sysimage/rpm";

struct TransactionOptions {
  std::string root = "/";
  std::string arch{};   ///< empty: the machine's; another one installs without scripts
  bool scripts = true;  ///< scriptlets and file triggers
  bool test = false;    ///< checks everything, changes nothing
  bool documentation = true;
  std::vector<std::string> languages{};  ///< empty: all
  bool verify_signatures = true;         ///< against `keys`; an unsigned or forged package is refused
  std::vector<std::string> keys{};       ///< ASCII-armoured public keys (contents)
  /// As an ordinary user: in a user namespace with his subordinate ids, so that files get their owners and
  /// scriptlets their root. Ignored for root.
  bool user_namespace = false;
  /// Seconds since 1970 that the database, and scripts by SOURCE_DATE_EPOCH, take for now; 0: the clock's.
  /// The same transaction then gives the same bytes.
  std::int64_t date = 0;
  /// The root is thrown away unless all comes to its end: cancelled at any moment, and ended with us.
  bool disposable = false;
};

/// Runs the steps of a solution whose files are all on this machine (`Item::location` absolute), in a process
/// of its own, for librpm changes its root. Checked before anything changes: digests, signatures, file
/// conflicts, disk space, dependencies. Users and groups that a payload names must exist by then: "using
/// root" warnings of rpm are errors here ("rpm.owner"), and so are failed scriptlets ("rpm.script"), both
/// told after the transaction has come to its end. Cancelled: only before the first change; from then on it
/// is completed, unless the root is disposable. One that was killed is completed first when its packages are
/// still there; else conflict "rpm.interrupted" says what to run.
Result<void> run(const Solution& solution, const TransactionOptions& options, const Work& work);

/// Whether a transaction below the root was killed and has not been completed since.
bool is_interrupted(const std::string& root);

}  // namespace photon::rpm
