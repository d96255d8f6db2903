// Files of an image that was saved to disk: a folder, or a tar in any compression that libarchive reads.
#pragma once
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "devenv/core/error.hpp"

namespace photon::image {

using Sink = std::function<Result<void>(std::string_view)>;

class Source {
 public:
  struct Entry {
    std::string name;  ///< relative, without "./"
    std::uint64_t size = 0;
    std::string link;  ///< where a symbolic or hard link leads, as written
  };
  using Read = std::function<Result<void>(const Sink&)>;
  /// Called for each file in the order of the archive; `Read` gives its bytes once, and only during the call.
  using Visit = std::function<Result<void>(const Entry&, const Read&)>;

  /// Of a whole tar, known after a visit that ended well; empty for a folder.
  struct Sums {
    std::string file;      ///< digest of the bytes on disk
    std::string content;   ///< digest of the tar, uncompressed
    std::string encoding;  ///< "", "gzip", "zstd", or another that no layer may have
  };

  virtual ~Source() = default;
  virtual Result<Sums> visit(const Visit& each) = 0;
};

Result<std::unique_ptr<Source>> open_source(const std::string& path, std::stop_token stop);

/// The bytes of a file as they are.
Result<void> read_plain(const std::string& path, const Sink& sink, const std::stop_token& stop);

/// The name without leading "./" and "/"; empty if it climbs out by "..".
std::string clean_name(std::string_view name);

}  // namespace photon::image
