// The machine's control groups, in whichever version it has: what they can limit, and those that builds of
// this daemon run in.
#pragma once
#include <set>
#include <string>
#include <string_view>

namespace photon::environment {

/// Whether containers can be limited by that controller: memory, pids, cpu, cpuset.
bool has_controller(std::string_view name);

/// For a run of that id: "/devenv-build-SUM/ID". Several daemons have groups of their own, told by their
/// folder.
std::string control_group_of(const std::string& data, const std::string& id);
/// Takes away the group of a run that is over.
void remove_control_group(const std::string& data, const std::string& id);
/// Takes away those of runs that are not in the set.
void sweep_control_groups(const std::string& data, const std::set<std::string>& known);

}  // namespace photon::environment
