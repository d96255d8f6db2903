// The part of a transaction that runs in a process of its own: librpm enters the root there.
#pragma once
#include <set>
#include <string>
#include <vector>

#include "packages/rpm/transaction.hpp"

namespace photon::rpm {

/// Where the child tells what happens: one JSON object a line.
class Reporter {
 public:
  Reporter(int fd, bool disposable) : fd_(fd), disposable_(disposable) {}
  void progress(const Progress& progress) const;
  /// From here on nothing may be cancelled, but for a root that is thrown away.
  void changing() const;
  void error(const Error& error) const;

 private:
  int fd_;
  bool disposable_;
};

/// Everything from the opening of the database to the last scriptlet.
Result<void> run_steps(const std::vector<Step>& steps, const TransactionOptions& options,
                       const Reporter& reporter);
/// "name-evr.arch" of all that is in the database below the root.
Result<std::set<std::string>> installed_names(const std::string& root);
/// /dev and /proc below the root for scriptlets, seen by this process and its children alone. What may not be
/// mounted is left out.
void mount_for_scripts(const std::string& root);

}  // namespace photon::rpm
