// A repository's folder: the generation that readers see, the ones before it, and the switch between them.
//   repodata/           the present one, with the earlier ones' files that readers may still ask for
//   .generations/N/     earlier ones, by revision
//   .incoming/          what is being made; nothing there counts
//   packages/ sbom/ provenance/   by content: the same name never has other bytes
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "devenv/core/error.hpp"
#include "packages/forge/store/store.hpp"

namespace photon::forge {

struct Member {
  std::string key{};  ///< digest of all that its files were made of
  std::string name{}, arch{};
  Origin origin = Origin::source;
  std::string href{}, sha256{};  ///< of the signed package
  std::string sbom{}, sbom_sha256{};
  std::string provenance{}, provenance_sha256{};
  std::uint64_t installed = 0;  ///< bytes
};
/// `repodata/state.json`: what we must know of a generation and no reader does.
struct Generation {
  std::string input{};  ///< digest of all that was published
  std::int64_t revision = 0;
  std::string repomd_sha256{};
  std::vector<std::string> files{};  ///< of repodata, its own
  std::vector<Member> members{};
};

inline constexpr const char* state_file = "/state.json";
std::string to_text(const Generation& generation);
/// Of a repodata folder; nothing if there is none. corrupt "publish.state".
Result<std::optional<Generation>> read_generation(const std::string& repodata);

/// Earlier generations, the newest first, with their folders.
struct Earlier {
  std::string folder{};
  Generation generation{};
};
Result<std::vector<Earlier>> earlier_generations(const std::string& repository);

/// Makes good what a killed publisher left: an earlier generation whose move was not finished gets its place,
/// all else of `.incoming` goes.
Result<void> recover(const std::string& repository);
/// Puts `.incoming/repodata` in the place of `repodata`, in one step; what was there becomes an earlier one.
Result<void> switch_generation(const std::string& repository);

}  // namespace photon::forge
