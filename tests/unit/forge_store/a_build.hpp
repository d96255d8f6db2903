// A build with one small output in a folder, for the tests of the store.
#pragma once
#include <string>

#include "devenv/core/digest.hpp"
#include "devenv/core/fd.hpp"
#include "packages/forge/store/store.hpp"

namespace photon::forge {

inline std::string key_of(char digit) { return std::string(64, digit); }

inline Built a_build(const std::string& folder, char digit, const std::string& bytes,
                     const std::string& recipe = "zlib") {
  Built built{.key = key_of(digit), .recipe = recipe, .arch = "x86_64"};
  built.outputs = {{"zlib-1.3.1-1.x86_64.rpm", sha256_hex(bytes), bytes.size()}};
  built.sources = {{"zlib.tar.gz", sha256_hex("source of " + recipe)}};
  built.dependencies = {{"bash-5.2-1.x86_64", key_of('e')}};
  built.ingredients = {{"macros", key_of('d')}};
  built.log = "logs/" + recipe + "-" + built.key + ".log";
  built.started = 1700000000;
  built.seconds = 1.5;
  (void)make_directories(folder);
  (void)write_file(folder + "/" + built.outputs[0].name, bytes);
  return built;
}

}  // namespace photon::forge
