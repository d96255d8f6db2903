// What takes space beside images: layers of features, features as they were fetched, steps of Dockerfiles.
// The sizes are those that `collect` counts when it deletes them.
#include "devenv/environment/environments.hpp"

namespace photon::environment {

Result<std::vector<Kept>> Local::kept() {
  PHOTON_CHECK(wait_for_truth());
  std::vector<Kept> all;
  PHOTON_TRY(auto layers, builder_.layers());
  for (const auto& layer : layers) all.push_back({"feature", Builder::name_of(layer), layer.key, layer.size});
  std::sort(all.begin(), all.end(),
            [](const Kept& a, const Kept& b) { return std::tie(a.name, a.key) < std::tie(b.name, b.key); });
  if (auto size = feature_store().size(); size > 0)
    all.push_back({"download", "features as fetched", "", size});
  if (auto size = builds_.size(); size > 0) all.push_back({"steps", "steps of Dockerfiles", "", size});
  return all;
}

}  // namespace photon::environment
