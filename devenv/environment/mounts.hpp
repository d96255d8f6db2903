// Mounts of a plan as the engine takes them.
#pragma once
#include "devenv/core/paths.hpp"
#include "devenv/environment/record.hpp"
#include "devenv/spec/spec.hpp"

namespace photon::environment {

engine::Mount bound(std::string source, std::string target, bool read_only = false);

/// A volume is made here; a named one is noted in `record`.
Result<engine::Mount> mounted(const spec::PlanMount& mount, Record& record, const Paths& paths);

}  // namespace photon::environment
