// Who signed it: packages by librpm against our keys alone, repository metadata by gpgv.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "devenv/core/error.hpp"
#include "devenv/core/work.hpp"

namespace photon::rpm {

/// The bytes of an ASCII-armoured block (RFC 9580, 6.2), its checksum compared where there is one. usage
/// "rpm.key".
Result<std::string> dearmour(std::string_view text);

/// The whole RPM: header digests, a signature by one of `keys` (ASCII-armoured), and the payload's digest,
/// which the signed header states. Refused with corrupt: "rpm.unsigned", "rpm.signature" (by none of the
/// keys, or forged), "rpm.digest". Without keys only the digests are checked.
Result<void> verify_package(const std::string& path, std::span<const std::string> keys);
/// Many, on all processors; the first error wins.
Result<void> verify_packages(std::span<const std::string> paths, std::span<const std::string> keys,
                             const Work& work);

/// A detached signature (armoured or not) over `data` by one of `keys`, neither expired nor revoked.
Result<void> verify_detached(const std::string& data, const std::string& signature,
                             std::span<const std::string> keys, const std::string& name);

}  // namespace photon::rpm
