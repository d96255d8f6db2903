// How much of a repository or of an installed root was built from source by us.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "devenv/core/error.hpp"
#include "packages/forge/store/store.hpp"

namespace photon::forge {

struct ReportLine {
  std::string name{};
  Origin origin = Origin::source;
  std::uint64_t bytes = 0;  ///< installed
};
struct Share {
  std::vector<ReportLine> packages{};  ///< by name
  std::size_t from_source = 0;         ///< packages
  std::uint64_t bytes = 0, bytes_from_source = 0;
};

/// `path` is a published repository or a root that packages are installed in. not_found "report.nothing" for
/// neither. In a root, a package is an import where its vendor is another than `vendor`.
Result<Share> report(const std::string& path);
inline constexpr const char* vendor = "Photon Workstation";  ///< as packages/macros says it of what is ours

}  // namespace photon::forge
