// Semantic versions, as far as tags of packages need them: to the letter of what npm's semver says of them.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace photon::spec::reference {

struct Version {
  std::uint64_t major = 0, minor = 0, patch = 0;
  std::vector<std::string> before{};  ///< of 1.0.0-rc.1: "rc", "1"
};

/// nullopt: it is none: "1", "latest", "01.2.3".
std::optional<Version> parse_version(std::string_view text);
/// Below zero, zero or above; what is built from it does not count.
int compare_versions(const Version& a, const Version& b);

/// Whether `version` is of what a tag means: "1" is every 1.x.y, "1.2" every 1.2.x, "x" and "" all; none that
/// comes before a release, unless the tag names it. A tag that is no range means nothing.
bool is_of(const Version& version, std::string_view range);

}  // namespace photon::spec::reference
