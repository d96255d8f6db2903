// devcontainer.metadata of an image that is made from a configuration, to the letter of the reference's.
#pragma once
#include "devenv/feature/order.hpp"

namespace photon::feature {

struct LabelParts {
  std::string base;                       ///< the label of the image below
  const std::vector<Feature>& features;   ///< in the order of installation
  std::string configuration;              ///< the text of the devcontainer.json; "" = there is none
  bool leave_out_customizations = false;  ///< those of features
};

/// "" = nothing is to be said.
Result<std::string> image_label(const LabelParts& parts);

}  // namespace photon::feature
