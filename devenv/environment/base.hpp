// What a container is made from: an image, its features as layers, and what all of them ask of the container.
#pragma once
#include "devenv/environment/builder.hpp"
#include "devenv/environment/provision.hpp"

namespace photon::environment {

struct Base {
  image::ImageConfig image;  ///< its chain and environment are those on top of the features
  std::string name;          ///< of the image
  std::vector<feature::Feature> features;
  std::vector<LayerPlan> layers;              ///< of each of them
  std::map<std::string, std::string> pinned;  ///< features by name and digest, for the next start
};

struct BaseOptions {
  /// The container will be made, so features are what the file and its lock ask for, and the lock file
  /// follows; else they are those it was made from.
  bool anew = true;
  std::string lock;      ///< UpRequest::lock
  bool rebuild = false;  ///< a Dockerfile is built, whatever is here
};

/// An image that is built or has a name.
struct Wanted {
  std::optional<spec::Build> build;
  std::string image;   ///< "" = our base image
  std::string before;  ///< what the container was made from
};
/// Found, fetched or built. What a container was made from stays its image until it is made anew.
Result<image::ImageConfig> find_image(const Parts& parts, const Record& record, const Wanted& wanted,
                                      const Caller& caller, const BaseOptions& options, Builds::Hold& hold,
                                      const Work& work);

/// Fetches image and features and merges what they say below the plan. `hold` keeps what is built until the
/// container stands on it.
Result<Base> find_base(const Parts& parts, Record& record, spec::Plan& plan, const Caller& caller,
                       const BaseOptions& options, Builds::Hold& hold, const Work& work);

/// Puts a sentence among the record's warnings, once.
void warn(Record& record, std::string sentence);

}  // namespace photon::environment
