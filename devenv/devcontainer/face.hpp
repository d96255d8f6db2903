// The face of the reference CLI: its words, its output, its exit statuses. Called when `devenv` runs under
// the name `devcontainer`.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace photon::devcontainer {

/// The release of the reference whose behaviour this is.
inline constexpr std::string_view follows = "0.89.0";

/// What the reference has and we do not have yet.
inline constexpr int not_there_yet = 69;

int run(std::vector<std::string> words);

}  // namespace photon::devcontainer
