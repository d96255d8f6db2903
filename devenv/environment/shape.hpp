// What a service of a compose project asks of its container beyond what a devcontainer.json knows.
#pragma once
#include "devenv/environment/ensemble.hpp"

namespace photon::environment {

/// Limits, devices, files of configs and secrets, how its program is started and ended. `with_container`: the
/// container ends with its program. What has no effect for an ordinary user is told in `record`.
Result<void> shape(engine::ContainerSpec& spec, const compose::Service& service,
                   const image::ImageConfig& image, const Folders& folders, bool with_container, bool as_root,
                   Record& record);

/// A folder that a service binds and that is not there, made within the repository where the file asks for
/// it.
Result<void> ensure_bound(const compose::Mount& mount, const std::string& repository);

/// The number of "SIGINT", "INT" or "2"; 0: there is none such.
int signal_number(std::string_view name);

}  // namespace photon::environment
