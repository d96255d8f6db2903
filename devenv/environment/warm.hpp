// How an environment begins from a prebuild instead of the image and the clone alone.
#pragma once
#include "devenv/environment/provision.hpp"

namespace photon::environment {

/// What was cloned, for the key of a prebuild.
struct Origin {
  std::uint32_t owner = 0;
  std::string repository;  ///< URL
  std::string branch;
  std::string commit;
  std::string folder;      ///< where it lies, which is another place for each environment
  bool untouched = false;  ///< as it was cloned
};

/// Digest of all that decides what is in a prebuild: the sources, what the plan asks for by now, with each
/// value that it has from the caller's environment, and what the container stands on.
std::string prebuild_key(const Origin& origin, const spec::Plan& plan, const image::ImageConfig& image);

/// Whether an environment of the request may begin from a prebuild, which has been given nothing of what the
/// request brings along for hooks.
bool may_begin_warm(const Record& record, const UpRequest& request);

/// Of the sources as they lie there before anything of the environment has run; nullopt: it begins from none.
Result<std::optional<Origin>> origin_of(const Parts& parts, const Record& record, const git::Source& source,
                                        const UpRequest& request);

/// Whether a prebuild can hold all of it.
Result<void> check_prebuildable(const spec::Plan& plan);

/// Hooks that a prebuild has run.
std::vector<std::string> hooks_of_prebuild();

/// The prebuild that the environment is to begin from; null: none. Notes commit and key in the record.
Result<std::unique_ptr<Prebuilds::Hold>> find_warm(const Parts& parts, Record& record, const Origin& origin,
                                                   const UpRequest& request, const spec::Plan& plan,
                                                   const image::ImageConfig& image);

/// The sources as the prebuild has them in place of the clone's, which nobody has touched. `save` stores the
/// record: cut short, the repository is cloned again.
Result<void> take_sources(const Parts& parts, Record& record, const Prebuild& prebuild,
                          const std::function<Result<void>()>& save, const Work& work);

}  // namespace photon::environment
