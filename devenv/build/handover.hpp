// How a built image comes from buildah's storage into the engine's store: through a folder in OCI's layout
// that has only what is new. buildah would compress all layers each time; those that were handed over before
// it finds there by their name, and the manifest then names what they were compressed to.
#pragma once
#include <string>

#include "devenv/core/work.hpp"
#include "devenv/image/image.hpp"

namespace photon::build {

/// The engine's store has that layer, compressed so.
Result<void> remember_layer(const std::string& known, const std::string& diff_id,
                            const engine::Descriptor& layer);

class Handover {
 public:
  /// `known` is a folder that is kept, `layout` one of this image alone.
  Handover(std::string known, std::string layout, image::Images& images)
      : known_(std::move(known)), layout_(std::move(layout)), images_(images) {}

  /// Before the push: makes the layout, with a name for each layer that the store has.
  Result<void> open();
  /// After it: the manifest is completed, and the image imported under that name.
  Result<image::ImageConfig> close(const std::string& name, const Work& work);

 private:
  Result<void> complete();
  std::string known_;
  std::string layout_;
  image::Images& images_;
  std::map<std::string, engine::Descriptor> fresh_;  ///< by diff id: layers that were not known
};

}  // namespace photon::build
