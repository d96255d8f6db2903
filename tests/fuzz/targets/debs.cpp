// Packages of the distribution: an ar of tars, each with any filter of libarchive.
#include "packages/forge/import/deb.hpp"
#include "tests/fixtures/temp_folder.hpp"
#include "tests/fuzz/input_file.hpp"
#include "tests/fuzz/target.hpp"

namespace photon::fuzz {

void debs(std::string_view input) {
  namespace fs = std::filesystem;
  InputFile file(input);
  fixtures::TempFolder folder;
  fs::create_directory(folder.path + "/root");
  auto deb = forge::unpack_deb(file.path(), folder.path + "/root", {});
  for (const auto& entry : fs::directory_iterator(folder.path))
    expect(entry.path().filename() == "root", "nothing leaves the folder");
  if (!deb) return;
  for (const auto& each : deb->files) {
    expect(each.path.starts_with('/') && each.path.find("/../") == std::string::npos,
           "paths are absolute and plain");
    expect(each.path.find_first_of("\n\"") == std::string::npos, "a path is a word of a spec");
  }
}

}  // namespace photon::fuzz
