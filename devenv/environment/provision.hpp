// Bringing one environment up, from whatever state it is in: each step looks at what is there and does what
// is missing, so that the same code makes, starts, resumes and rebuilds.
#pragma once
#include "devenv/environment/builder.hpp"
#include "devenv/environment/builds.hpp"
#include "devenv/environment/doors.hpp"
#include "devenv/environment/hooks.hpp"

namespace photon::environment {

struct Parts {
  store::Store& store;
  host::Host& host;
  Doors& doors;
  Builder& builder;
  Builds& builds;
  const Environments::Options& options;
};

/// `record` belongs to the caller, who holds the environment's lock; it is stored as it changes. On failure
/// its state is `failed` with the reason, and what was made is kept for the next `up`. Gives View::hooks.
Result<std::string> provision(Parts parts, Record& record, const git::Source& source,
                              const UpRequest& request, const Caller& caller, const Work& work);

/// Ends the container and what belongs to it on this machine; the workspace stays.
Result<void> take_down(Parts parts, const Record& record, bool remove_container);

}  // namespace photon::environment
