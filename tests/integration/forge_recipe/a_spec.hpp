// Specs of our own writing, in a folder of the test.
#pragma once
#include <filesystem>
#include <fstream>
#include <string>

#include "packages/forge/recipe/recipe.hpp"
#include "tests/fixtures/temp_folder.hpp"

namespace photon::forge {

struct Specs {
  fixtures::TempFolder folder{};

  std::string file(const std::string& name, const std::string& text) const {
    auto path = folder.path + "/" + name;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path) << text;
    return path;
  }
  /// NAME/NAME.spec: a head that parses, then `more` (tags first), then an empty %files.
  std::string spec(const std::string& name, const std::string& more,
                   const std::string& files = "%files\n") const {
    return file(name + "/" + name + ".spec",
                "Name: " + name + "\nVersion: 1.2\nRelease: 3\nSummary: a test\nLicense: MIT\n" + more +
                    "\n%description\nOf a test.\n" + files);
  }
};

}  // namespace photon::forge
