// A repository that was cloned is another person's work: what it asks of this machine is shown, and done only
// when its user agrees.
#pragma once
#include <string>
#include <vector>

#include "devenv/environment/record.hpp"
#include "devenv/spec/spec.hpp"

namespace photon::environment {

/// A line for each thing outside of the container: commands on this machine, folders of it, privilege.
/// `as_root`: the daemon is the machine's, and a privileged container has all its rights.
std::vector<std::string> asks_of_machine(const spec::Plan& plan, const Record& record, bool as_root);

/// What was agreed to before stays so while the same is asked. needs_confirmation otherwise; `agreed` agrees.
/// `more` is asked for beside the plan. It is remembered in that member of the record.
Result<void> check_trust(const spec::Plan& plan, Record& record, std::string Record::* trusted, bool as_root,
                         bool agreed, const std::vector<std::string>& more = {});

}  // namespace photon::environment
