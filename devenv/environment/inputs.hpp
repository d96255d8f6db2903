// The files that a plan was read from, kept to tell later whether they have changed.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "devenv/core/error.hpp"

namespace photon::environment {

/// Path → digest; "" = there was no such file.
using Inputs = std::map<std::string, std::string>;

/// For spec::Inputs::read: nullopt where there is no such file. Notes what it saw in `seen`.
Result<std::optional<std::string>> read_input(const std::string& path, Inputs& seen);
/// The same for a file of another person's folder, out of which no link leads.
Result<std::optional<std::string>> read_input_beneath(const std::string& folder, const std::string& path,
                                                      Inputs& seen);
bool changed(const Inputs& seen);

/// Names of the folders in a folder.
std::vector<std::string> subfolders(const std::string& folder);

}  // namespace photon::environment
