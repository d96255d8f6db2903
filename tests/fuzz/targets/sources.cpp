// sources.toml: written by people, and part of recipes that we did not write.
#include "packages/forge/recipe/recipe.hpp"
#include "tests/fuzz/target.hpp"

namespace photon::fuzz {

void sources(std::string_view input) {
  auto pins = forge::parse_sources(std::string(input), "sources.toml");
  if (!pins) {
    expect(pins.error().where.has_value(), "a fault in a file has a place");
    return;
  }
  for (const auto& source : pins->sources) {
    expect(!source.file.empty() && source.file.find('/') == std::string::npos,
           "a source's file is a plain name");
    expect(source.tree.empty() ? source.sha256.size() == 64 : source.sha256.empty(),
           "what is no tree is pinned");
  }
}

}  // namespace photon::fuzz
