// One command line, from words to exit status.
#pragma once
#include <string>
#include <vector>

namespace photon::cli {

int run(std::vector<std::string> words);

}  // namespace photon::cli
