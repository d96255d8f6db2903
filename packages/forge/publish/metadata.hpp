// Repository metadata as every RPM tool reads it.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "devenv/core/error.hpp"
#include "devenv/core/work.hpp"

namespace photon::forge {

struct Listed {
  std::string path{};    ///< of the signed package
  std::string href{};    ///< below the repository
  std::string sha256{};  ///< that it must have
};
struct Texts {
  std::string primary{}, filelists{}, other{};
};
/// In the order given, read in parallel. corrupt "publish.cache" names a package of another digest.
Result<Texts> describe(const std::vector<Listed>& packages, const Work& work);

/// A file of repodata, named by its own digest.
struct Metadata {
  std::string type{};  ///< "primary", "updateinfo", …
  std::string file{};  ///< "SHA256-primary.xml.zst"
  std::string sha256{}, open_sha256{};
  std::uint64_t size = 0, open_size = 0;
};
/// Writes it, compressed, into the folder.
Result<Metadata> write_metadata(const std::string& folder, const std::string& type, const std::string& name,
                                const std::string& text);
/// repomd.xml; its times are the revision's, so that the same input gives the same bytes.
Result<std::string> make_repomd(const std::vector<Metadata>& files, std::int64_t revision);

}  // namespace photon::forge
