// The files of an image, when they are whole: measured, given their names, found again.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "images/imager/build/build.hpp"
#include "images/imager/build/scratch.hpp"

namespace photon::images {

/// Name, digest and sizes of a file, which is read once.
Result<Made> measure(const std::string& path, const Work& work);

/// What NAME.json says was made, if it was made of `key` and every file is there with its size.
std::optional<std::vector<Made>> present(const std::string& output, const std::string& name,
                                         const std::string& key);

/// From the scratch to their names: the description goes first and comes last, so that it never tells of
/// files that are not there.
Result<void> put_in_place(const Scratch& scratch, const std::string& output, const std::string& name,
                          const std::vector<std::string>& files);

}  // namespace photon::images
