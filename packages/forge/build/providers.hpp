// Which recipe gives what a build asks for, before anything is built: by name, by what a spec says it
// provides, by the paths of its %files, and by the pkg-config and CMake files among them.
#pragma once
#include <map>
#include <optional>
#include <span>

#include "packages/forge/build/relation.hpp"
#include "packages/forge/recipe/recipe.hpp"

namespace photon::forge {

class Providers {
 public:
  explicit Providers(std::span<const Recipe> recipes);
  /// Every recipe that may give it, the surest first; one with the newest version before its elders.
  [[nodiscard]] std::vector<std::size_t> of(const Relation& need) const;

 private:
  struct Offer {
    std::size_t recipe = 0;
    Relation relation{};
  };
  struct Pattern {
    std::size_t recipe = 0;
    std::string path{};
    std::string package{};
  };
  [[nodiscard]] std::vector<std::size_t> by_path(const std::string& path) const;
  [[nodiscard]] std::vector<std::size_t> by_file(std::string_view kind, std::string_view name) const;

  std::span<const Recipe> recipes_;
  std::multimap<std::string, Offer, std::less<>> offers_;
  std::multimap<std::string, std::size_t, std::less<>> paths_;  ///< without wildcards
  std::vector<Pattern> patterns_;                               ///< with them
  std::vector<Pattern> config_files_;                           ///< below …/pkgconfig and …/cmake
};

}  // namespace photon::forge
