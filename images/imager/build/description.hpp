// What is said of an image beside it: NAME.json for programs, NAME.spdx.json as bill of materials.
#pragma once
#include <string>

#include "devenv/core/json.hpp"
#include "images/imager/build/build.hpp"

namespace photon::images {

struct Boot {
  std::string kernel{};        ///< "6.12.107-vm"; empty: a container
  std::string command_line{};  ///< with root=
};
/// Name, key, processor, packages with size and origin, the share built from source, how it boots.
json::object describe(const Definition& definition, const Plan& plan, const Image& image, const Boot& boot,
                      const std::string& arch);
/// SPDX 2.3: the image contains its packages, each by name, version, licence and digest.
Result<std::string> make_spdx(const Definition& definition, const Plan& plan, const std::string& key);

}  // namespace photon::images
