// Processes of our own inside an environment: lifecycle hooks, probes.
#pragma once
#include <chrono>
#include <functional>
#include <string>

#include "devenv/environment/container.hpp"

namespace photon::environment {

struct Ran {
  int status = 0;
  std::string output;  ///< stdout and stderr together, the last MiB at most
};
/// Runs to the end. `line` gets each line of output as it comes. Past `limit` (0: none) or when stopped the
/// process group is killed.
Result<Ran> run_inside(const Folders& folders, inside::ExecRequest request, std::chrono::seconds limit,
                       const std::function<void(std::string_view)>& line, std::stop_token stop);

/// All commands of one stage, in order; those of an object at once. Output goes to the environment's log too.
/// The error names the property and the exit status; its hint holds the end of the output.
Result<void> run_stage(const Record& record, const spec::Plan& plan, spec::Stage stage,
                       const HookOptions& options, const Folders& folders, const Work& work);

/// Clones the dotfiles inside, as the user, and runs what they are installed by.
Result<void> install_dotfiles(const Record& record, const HookOptions& options, const Folders& folders,
                              const Work& work);

/// initializeCommand: on this machine, in the user's own folder, with the caller's own environment.
Result<void> run_initialize(const spec::Plan& plan, const std::string& folder, const Caller& caller,
                            const Folders& folders, const Work& work);

std::pair<std::uint32_t, std::uint32_t> owner_of(const std::string& path);

}  // namespace photon::environment
