// Paths as Node's path.posix has them: text alone, no file is looked at.
#pragma once
#include <initializer_list>
#include <string>
#include <string_view>

namespace photon::spec::reference {

std::string normalized(std::string_view path);
std::string joined(std::initializer_list<std::string_view> parts);
/// The parts from the last absolute one on; the first has to be absolute.
std::string resolved(std::initializer_list<std::string_view> parts);
std::string relative(std::string_view from, std::string_view to);
std::string base_name(std::string_view path);
std::string folder_of(std::string_view path);

}  // namespace photon::spec::reference
