// The program: words in, exit status out.
#pragma once
#include <string>
#include <vector>

namespace photon::forge {

int run(std::vector<std::string> words);

}  // namespace photon::forge
