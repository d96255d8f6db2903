// One devenv and one registry for all tests of a program; projects of compose files.
#pragma once
#include "tests/integration/build/suite.hpp"

namespace photon::tests {

class ComposeTest : public BuildTest {
 protected:
  /// A project with .devcontainer/compose.yml, in which BASE stands for the small image, and a
  /// devcontainer.json for the service "app". `more`: members of devcontainer.json.
  static std::string with_compose(const std::string& name, std::string text, const std::string& more = {});
  /// `devenv up` there, which must fail with that exit status; what it said.
  static std::string fails(const std::string& folder, int status);
  /// Ids of the running containers beside the environment's own, by service.
  static std::map<std::string, std::string> services(const std::string& name);
  /// "running", "stopped" or "" of a service's task.
  static std::string task(const std::string& name, const std::string& service);
};

}  // namespace photon::tests
