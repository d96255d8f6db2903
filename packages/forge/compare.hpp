// Two builds of a recipe, package by package: what a reader of a change wants to know.
#pragma once
#include <string>
#include <vector>

#include "packages/rpm/package.hpp"

namespace photon::forge {

struct Change {
  std::string package{};  ///< name
  std::string what{};     ///< "package", "version", "file", "content", "mode", "provides", "requires", …
  std::string before{};   ///< empty: it was not there
  std::string after{};    ///< empty: it is gone
  bool operator==(const Change&) const = default;
};
/// Packages are the same by name. Empty: they install the same.
std::vector<Change> compare_packages(const std::vector<rpm::Package>& before,
                                     const std::vector<rpm::Package>& after);

}  // namespace photon::forge
