// The lifecycle commands in the container, from whichever was the last that ran to the one that is asked for.
#pragma once
#include "devenv/environment/hooks.hpp"

namespace photon::environment {

/// A step of `up`: journaled before, stored after it.
using Step = std::function<Result<void>(const std::string& name, const std::function<Result<void>()>& body)>;

/// Notes in `record` what has run; a failed one runs again at the next call. Gives View::hooks.
Result<std::string> run_lifecycle(Record& record, const spec::Plan& plan, const HookOptions& options,
                                  const Folders& folders, const Work& work, const Step& step);

}  // namespace photon::environment
