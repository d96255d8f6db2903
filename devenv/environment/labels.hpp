// Environments by labels, as programs of the reference's command line look them up.
#pragma once
#include <string>
#include <vector>

#include "devenv/environment/record.hpp"

namespace photon::environment {

inline constexpr std::string_view folder_label = "devcontainer.local_folder";
inline constexpr std::string_view file_label = "devcontainer.config_file";

/// Whether it has all of these (NAME=VALUE). One that nobody gave labels has those of its folder and of the
/// file it was read from.
bool has_labels(const Record& record, const std::vector<std::string>& labels);

}  // namespace photon::environment
