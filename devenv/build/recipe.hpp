// What an image is built from, read and named: the same recipe is the same image.
#pragma once
#include <stop_token>
#include <string>

#include "devenv/core/fd.hpp"
#include "devenv/spec/dockerfile.hpp"
#include "devenv/spec/spec.hpp"

namespace photon::build {

/// Images that were built here bear this name and a key as tag.
inline constexpr std::string_view image_name = "localhost/devenv-build";
bool is_built(std::string_view image);

struct Recipe {
  spec::Build build;
  std::string dockerfile;  ///< its bytes
  spec::Dockerfile parsed;
  std::string ignore;  ///< what leaves files out, by the rules of .dockerignore
  Fd context;          ///< the folder
  std::string key;     ///< digest of all that, of the context's files and of the machine's kind
  [[nodiscard]] std::string name() const;
  /// The Dockerfile, counted from the repository.
  [[nodiscard]] std::string shown_file() const;
};

/// Reads the Dockerfile and the context; errors name what is missing, too much or leads out of the
/// repository.
Result<Recipe> read_recipe(const spec::Build& build, const std::stop_token& stop);
/// The key of what is there by now.
Result<std::string> key_of(const Recipe& recipe, const std::stop_token& stop);

}  // namespace photon::build
