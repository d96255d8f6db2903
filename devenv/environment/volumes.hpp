// Volumes: folders that outlive containers. A named one belongs to all environments of its owner that name it
// and goes with the last of them; one without a name lies with its environment.
#pragma once
#include <string>
#include <vector>

#include "devenv/environment/record.hpp"
#include "devenv/spec/spec.hpp"

namespace photon::environment {

/// The volume's folder, made if need be and then the remote user's. Notes a named one in `record`.
Result<std::string> volume_folder(const Paths& paths, Record& record, const spec::PlanMount& mount);

/// The named ones that no other of the owner's environments has.
std::vector<std::string> own_volumes(const Record& record, const std::vector<store::EnvironmentRow>& all);
/// "volume pgdata 310 MB" for each that holds anything.
std::vector<std::string> volume_words(const Paths& paths, const Record& record,
                                      const std::vector<std::string>& names);
Result<void> remove_volumes(const Paths& paths, const Record& record, const std::vector<std::string>& names);

}  // namespace photon::environment
