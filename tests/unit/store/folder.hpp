// A folder of a test's own, gone with it.
#pragma once
#include <cstdlib>
#include <filesystem>
#include <string>

namespace photon::store {

struct Folder {
  Folder() {
    std::string form = std::filesystem::temp_directory_path() / "photon-store-XXXXXX";
    path = mkdtemp(form.data());
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  [[nodiscard]] std::string file() const { return path + "/journal.sqlite"; }
  std::string path;
};

}  // namespace photon::store
