// Which of the built files go into the repository of an architecture.
#pragma once
#include <string>
#include <vector>

#include "packages/forge/store/store.hpp"

namespace photon::forge {

/// A file and the build that it is of.
struct Chosen {
  std::string name{};  ///< of the package
  std::string arch{};  ///< of the package: the repository's or noarch
  OutputFile file{};
  const Built* built = nullptr;
};

/// By name; of each name one. What is for another architecture, and source packages, are left out. A source
/// build's replaces the import's with its -doc and -lang, this architecture's build another one's noarch. Two
/// source builds (or two imports) of one name are a conflict "publish.twice" that names both recipes.
Result<std::vector<Chosen>> choose(const std::vector<Built>& packages, const std::string& arch);

struct FileName {
  std::string name{}, version{}, release{}, arch{};
};
/// "zlib-1.3.1-1.x86_64.rpm" in its parts; corrupt "publish.name" for what is none.
Result<FileName> parse_file_name(const std::string& file);

}  // namespace photon::forge
