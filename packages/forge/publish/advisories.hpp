// packages/advisories → updateinfo: what an update mends, for `dnf updateinfo`, `zypper patch` and our own.
#pragma once
#include <string>
#include <vector>

#include "devenv/core/error.hpp"
#include "packages/forge/publish/select.hpp"

namespace photon::forge {

struct Advisory {
  std::string id{};        ///< "PHOTON-2026-0001", the file's name
  std::string type{};      ///< security, bugfix, enhancement, newpackage
  std::string severity{};  ///< Critical, Important, Moderate, Low, None
  std::string title{}, description{};
  std::string issued{}, updated{};   ///< "2026-11-27"
  std::vector<std::string> cves{};   ///< "CVE-2026-0001"
  std::vector<std::string> links{};  ///< https addresses
  std::vector<std::string>
      packages{};  ///< "openssl-libs-3.5.2-1": what has the mending, without architecture
  bool reboot = false;
};

/// Every *.toml of the folder, by id; a folder that is not there has none. usage "publish.advisory" with file
/// and line.
Result<std::vector<Advisory>> read_advisories(const std::string& folder);
Result<Advisory> read_advisory(const std::string& text, const std::string& file);

/// updateinfo.xml of those that concern what is published, in this repository's architectures.
Result<std::string> make_updateinfo(const std::vector<Advisory>& advisories,
                                    const std::vector<Chosen>& published);

}  // namespace photon::forge
