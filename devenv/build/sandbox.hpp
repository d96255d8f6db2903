// Where buildah runs: a root of its own in which nothing of this machine can be written and little be seen. A
// Dockerfile is another person's program, and builders have let some out of their containers.
#pragma once
#include <functional>
#include <map>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "devenv/core/error.hpp"

namespace photon::build {

/// What is seen in there beside read-only programs, and under which name.
struct Sandbox {
  std::string storage;        ///< /storage: kept
  std::string scratch;        ///< /scratch: of this run alone; a folder `root` in it is mounted upon
  std::string network{};      ///< /network: a namespace's file; "" = none
  int context = -1;           ///< /context: an open folder; -1 = an empty one
  bool machine_root = false;  ///< else root of an ordinary user's namespaces
};

/// Runs a program of the storage (its first option will name the driver) to the end, calls `line` for each
/// line of both outputs. Stopped, or when the calling thread ends, all processes of it are killed by the end
/// of their pid namespace. Exit status, 128 + n for signal n.
Result<int> run_in(const Sandbox& sandbox, std::vector<std::string> argv,
                   std::map<std::string, std::string> environment,
                   const std::function<void(std::string_view)>& line, const std::stop_token& stop);

}  // namespace photon::build
