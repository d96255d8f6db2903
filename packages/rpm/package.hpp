// An RPM as a value: what its header says. Reading checks structure and digests with bounds; signatures are
// checked by `signature.hpp`.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "devenv/core/error.hpp"

namespace photon::rpm {

/// Epoch, version and release; ordered as rpm orders them (rpmvercmp, ~ and ^ included).
struct Evr {
  std::string epoch{};  ///< empty: none, which counts as 0
  std::string version{};
  std::string release{};
  bool operator==(const Evr&) const = default;
};
/// Below, equal to or above zero. An empty release on one side compares as equal.
int compare(const Evr& left, const Evr& right);
/// "1:2.3-4", without an epoch of zero.
std::string to_string(const Evr& evr);
/// "1:2.3-4" or "2.3"; nothing is refused: what has no dash has no release.
Evr evr_from(std::string_view text);

struct Nevra {
  std::string name{};
  Evr evr{};
  std::string arch{};  ///< "x86_64", "aarch64", "noarch", "src"
  bool operator==(const Nevra&) const = default;
};
/// "bash-5.2.37-1.x86_64"
std::string to_string(const Nevra& nevra);

struct File {
  std::string path{};
  std::uint32_t mode = 0;  ///< with the type's bits
  std::uint64_t size = 0;
  std::string user{}, group{};
  std::string digest{};  ///< SHA-256 of a regular file, 64 digits
  std::string link{};
  std::uint32_t flags = 0;  ///< RPMFILE_*: configuration, licence, documentation, ghost
};

/// Dependencies are texts as rpm prints them: "libz.so.1()(64bit)", "glibc >= 2.41", "(a if b)".
struct Package {
  std::string path{};  ///< the file it was read from
  Nevra nevra{};
  std::string summary{}, description{}, license{}, url{}, vendor{}, group{};
  std::string source_rpm{};
  std::uint64_t installed_size = 0;
  std::int64_t build_time = 0;
  std::vector<std::string> provides{}, needs{}, conflicts{}, obsoletes{};
  std::vector<std::string> recommends{}, suggests{}, supplements{}, enhances{};
  std::vector<File> files{};
  std::string header_digest{};   ///< SHA-256 of the immutable header: the same before and after signing
  std::string payload_digest{};  ///< as the header states it
};

/// corrupt "rpm.truncated" or "rpm.format" names the file; not_found if there is none.
Result<Package> read_package(const std::string& path);

}  // namespace photon::rpm
