// Images that a Dockerfile begins with, out of the engine's store: nothing is fetched twice, and one that
// only this machine has can be begun with.
#pragma once
#include "devenv/build/buildah.hpp"

namespace photon::build {

/// The registry is asked for each base again, whatever is here.
bool asks_anew(const spec::Build& build);

/// The image that the wanted stage stands upon is brought into the engine's store if it is not there: the
/// built one needs its layers in any case. It and all others that the store has then come into buildah's,
/// which fetches the rest by itself.
Result<void> bring_bases(const Buildah& buildah, const Recipe& recipe, const Site& site,
                         image::Images& images, const Work& work);

}  // namespace photon::build
