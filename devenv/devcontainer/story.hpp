// What the daemon tells of an `up`, as the reference tells it.
#pragma once
#include <set>
#include <string>

#include "devenv/core/work.hpp"
#include "devenv/devcontainer/log.hpp"

namespace photon::devcontainer {

/// A line for each step; output of lifecycle commands as it comes, and for programs when one begins and ends.
class Story {
 public:
  explicit Story(Log& log) : log_(log) {}
  void tell(const Progress& progress);
  /// No more comes. Failed: whatever still ran has.
  void end(bool failed);

 private:
  void hook(const Progress& progress);
  void close(std::string_view status);

  Log& log_;
  std::string property_;           ///< of the lifecycle command that runs; "" = none
  std::set<std::string> running_;  ///< its commands
  std::string last_;               ///< the step that was told last
};

}  // namespace photon::devcontainer
