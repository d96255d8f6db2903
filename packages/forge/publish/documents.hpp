// What is said about each package beside it: an SPDX bill of materials and an SLSA statement of its making.
#pragma once
#include <string>

#include "packages/forge/publish/select.hpp"
#include "packages/forge/publish/sign.hpp"
#include "packages/rpm/package.hpp"

namespace photon::forge {

/// SPDX 2.3 JSON: the package, every file of it by digest, its sources. `unsigned_rpm` is read for the files.
Result<std::string> make_spdx(const Chosen& chosen, const Signed& published, const rpm::Package& package,
                              const std::string& unsigned_rpm);
/// in-toto Statement v1 with SLSA provenance v1: subjects are the published and the unsigned file.
std::string make_provenance(const Chosen& chosen, const Signed& published);

/// "2026-11-27T18:00:00Z"
std::string utc(std::int64_t seconds);

}  // namespace photon::forge
