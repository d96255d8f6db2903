// How the reference calls images that nobody has named.
#pragma once
#include <string>

namespace photon::devcontainer {

/// "vsc-NAME-SUM": of a folder's name and the sum of its path.
std::string folder_image_name(const std::string& folder);

}  // namespace photon::devcontainer
