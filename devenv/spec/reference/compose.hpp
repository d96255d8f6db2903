// The image that a compose project's service starts from, as the reference learns it from the compose
// program.
#pragma once
#include "devenv/spec/reference/read.hpp"

namespace photon::spec::reference {

/// Of the configuration's "dockerComposeFile" and "service"; nullopt: it is not known without building.
Result<std::optional<std::string>> service_image(const Value& config, const World& world);

/// `base_image` with the platform of that world.
Result<std::optional<std::string>> image_below(std::string_view dockerfile, const Value& arguments,
                                               const Value& target, const World& world);

}  // namespace photon::spec::reference
