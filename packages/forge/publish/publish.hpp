// From built packages to a signed repository that others can install from.
#pragma once
#include <string>
#include <vector>

#include "devenv/core/error.hpp"
#include "devenv/core/work.hpp"
#include "packages/forge/store/store.hpp"

namespace photon::forge {

/// The signing key: made at set-up below `folder` (0700, GnuPG home), never in the tree.
struct SigningKey {
  std::string folder{};
  std::string fingerprint{};
  std::string public_key{};  ///< ASCII-armoured
};
/// Finds it or makes it ("Photon Workstation packages (this machine)").
Result<SigningKey> ensure_key(const std::string& folder, const Work& work);
std::string default_key_folder();  ///< ${XDG_DATA_HOME}/photon/keys

struct PublishOptions {
  std::string folder{};  ///< of one architecture: FOLDER/repodata appears whole or not at all
  std::string arch = "x86_64";
  std::string advisories{};  ///< packages/advisories → updateinfo
  unsigned keep = 3;         ///< generations that readers may still be using
};
struct Published {
  bool changed = false;
  std::size_t packages = 0;
  std::string repomd_sha256{};
};
/// Signs each package once (signed copies are kept by digest and key), writes zstd metadata through
/// createrepo_c's library, updateinfo, SBOMs and provenance, signs repomd.xml, and switches atomically. A
/// name that comes from an import and a source build at once is the source build's alone. The same input
/// changes nothing.
Result<Published> publish(const std::vector<Built>& packages, const PublishOptions& options,
                          const SigningKey& key, Store& store, const Work& work);

}  // namespace photon::forge
