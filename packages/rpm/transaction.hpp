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
};

/// Runs the steps of a solution whose files are all on this machine (`Item::location` absolute). Checked
/// before anything changes: digests, signatures, file conflicts, disk space, dependencies. Groups and users
/// that a payload names must exist: "using root" warnings of rpm are errors here ("rpm.owner"). A killed one
/// is found by the next (`rpm.interrupted` says what to run).
Result<void> run(const Solution& solution, const TransactionOptions& options, const Work& work);

}  // namespace photon::rpm
