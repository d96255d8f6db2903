// The suite, or the importer that it starts and kills.
#include <string_view>

#include "tests/integration/forge_import/archive.hpp"

int main(int argc, char** argv) {
  if (argc == 3 && std::string_view(argv[1]) == "import") return photon::forge::import_once(argv[2]);
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
