// What the program does that is killed.
#pragma once
#include <string>

namespace photon::forge {

int build_once(const std::string& path);

}  // namespace photon::forge
