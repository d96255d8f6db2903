#include "tests/integration/feature/published.hpp"

#include "devenv/core/digest.hpp"

namespace photon::fixtures {

std::string archive_of(const Published& feature) {
  return tar_of({{"./", "", '5', 0755},
                 {"./devcontainer-feature.json", feature.metadata},
                 {"./install.sh", "#!/bin/sh\nset -e\n" + feature.install + "\n"}});
}

std::string manifest_of(const std::string& archive) {
  return fmt::format(
      R"({{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{{)"
      R"("mediaType":"application/vnd.devcontainers","digest":"{}","size":2}},"layers":[{{)"
      R"("mediaType":"application/vnd.devcontainers.layer.v1+tar","digest":"{}","size":{}}}]}})",
      sha256_digest("{}"), sha256_digest(archive), archive.size());
}

std::string publish(DockerRegistry& registry, const std::string& repository, const std::string& tag,
                    const Published& feature) {
  auto archive = archive_of(feature);
  registry.put_blob(repository, archive);
  registry.put_blob(repository, "{}");
  return registry.put_manifest(repository, tag, "application/vnd.oci.image.manifest.v1+json",
                               manifest_of(archive));
}

}  // namespace photon::fixtures
