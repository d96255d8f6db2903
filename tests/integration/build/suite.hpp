// One devenv and one registry for all tests of a program; each finds a machine where nothing was built.
#pragma once
#include "tests/integration/environment/suite.hpp"
#include "tests/integration/image/docker_registry.hpp"

namespace photon::tests {

/// Pushes the small image (root, with the user dev) as that tag; its digest. With more members of its config,
/// ending in a comma, it is one of Docker's.
std::string push_small_image(fixtures::DockerRegistry& registry, const std::string& image_tar,
                             const std::string& repository, const std::string& tag,
                             const std::string& more = {});

class BuildTest : public EnvironmentTest {
 protected:
  static void SetUpTestSuite();
  static void TearDownTestSuite();
  void TearDown() override;

  /// FROM this.
  static std::string base() { return registry->host() + "/acme/base:1"; }
  /// A project with that Dockerfile beside its devcontainer.json. `more`: members of "build", and of the
  /// file.
  static std::string with_dockerfile(const std::string& name, const std::string& text,
                                     const std::string& more_of_build = {}, const std::string& more = {});
  /// A file that belongs to whoever runs devenv.
  static void write(const std::string& path, std::string_view text);
  /// Names of the images that were built.
  static std::vector<std::string> built();
  /// What builds keep on the disk.
  static std::string kept() { return home->paths().data + "/builds"; }
  /// Names of a folder's entries.
  static std::vector<std::string> names_in(const std::string& folder);

  inline static std::unique_ptr<TemporaryFolder> registry_folder;
  inline static std::unique_ptr<fixtures::DockerRegistry> registry;
};

}  // namespace photon::tests
