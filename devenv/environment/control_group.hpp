// The control groups that builds of this daemon run in, in whichever versions the machine has.
#pragma once
#include <set>
#include <string>

namespace photon::environment {

/// For a run of that id: "/devenv-build-SUM/ID". Several daemons have groups of their own, told by their
/// folder.
std::string control_group_of(const std::string& data, const std::string& id);
/// Takes away the group of a run that is over.
void remove_control_group(const std::string& data, const std::string& id);
/// Takes away those of runs that are not in the set.
void sweep_control_groups(const std::string& data, const std::set<std::string>& known);

}  // namespace photon::environment
