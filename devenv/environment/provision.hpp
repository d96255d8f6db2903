// Bringing one environment up, from whatever state it is in: each step looks at what is there and does what
// is missing, so that the same code makes, starts, resumes and rebuilds.
#pragma once
#include "devenv/environment/builder.hpp"
#include "devenv/environment/builds.hpp"
#include "devenv/environment/doors.hpp"
#include "devenv/environment/hooks.hpp"
#include "devenv/environment/prebuilds.hpp"

namespace photon::environment {

struct Parts {
  store::Store& store;
  host::Host& host;
  Doors& doors;
  Builder& builder;
  Builds& builds;
  Prebuilds& prebuilds;
  const Environments::Options& options;
};

/// `record` belongs to the caller, who holds the environment's lock; it is stored as it changes. On failure
/// its state is `failed` with the reason, and what was made is kept for the next `up`. Gives View::hooks.
Result<std::string> provision(Parts parts, Record& record, const git::Source& source,
                              const UpRequest& request, const Caller& caller, const Work& work);

/// Ends the container and what belongs to it on this machine; the workspace stays. `keep_network`: others
/// are in it, or know its address.
Result<void> take_down(Parts parts, const Record& record, bool remove_container, bool keep_network = false);
/// One of the containers beside it; with its container its folders go, too.
Result<void> take_down_beside(Parts parts, const Beside& one, bool remove_container);
/// The same with the containers beside it, the last one first.
Result<void> take_down_all(Parts parts, const Record& record, bool remove_containers);

// published.cpp
/// A port that is to be reached on 127.0.0.1; `local` 0: under the same number or another.
struct WantedPort {
  std::string host;
  unsigned port = 0;
  unsigned local = 0;
  bool must = false;  ///< that number or none
  Place where{};      ///< of whoever asks for that number
};
/// Opens what the plan and `more` want, closes what they wanted before.
Result<void> publish_ports(Parts parts, Record& record, const spec::Plan& plan,
                           const std::vector<WantedPort>& more);

}  // namespace photon::environment
