// The files below repodata/, read with bounds: what repomd.xml names, and streams that refuse to swell.
#pragma once
#include <map>
#include <optional>
#include <string>

#include "packages/rpm/libsolv.hpp"

namespace photon::rpm {

struct Part {
  std::string location{};  ///< relative to the repository's base, never out of it
  std::string digest{};    ///< "sha256:…"
  std::uint64_t size = 0;  ///< compressed; 0: not said
};
struct Repomd {
  std::string sha256{};
  std::string revision{};
  std::int64_t time = 0;  ///< the newest of the parts
  std::map<std::string, Part>
      parts{};  ///< "primary", "filelists", …; zchunk ("_zck") and sqlite ("_db") left out
};
/// corrupt "rpm.metadata".
Result<Repomd> parse_repomd(const std::string& bytes, const std::string& name);

/// Whether a path of a repository stays below its base.
bool is_inside(std::string_view location);

/// A compressed file (zstd, xz, gz, bz2 or none) as libsolv's stream of plain bytes. It ends with an error,
/// and `swollen` is set, when what comes out is no longer in proportion to what went in.
class Unpacked {
 public:
  static Result<std::unique_ptr<Unpacked>> open(const std::string& path);
  virtual ~Unpacked() = default;
  virtual std::FILE* stream() = 0;
  /// After a reader has failed: why, if it was the stream.
  [[nodiscard]] virtual std::optional<Error> fault() const = 0;
};

}  // namespace photon::rpm
