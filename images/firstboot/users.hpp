// The users of a #cloud-config.
#pragma once
#include "images/firstboot/readers.hpp"

namespace photon::first_boot {

/// `users:`, a list of "default", names, and what each is like.
void read_users(const yaml::Node& node, Plan& plan);
/// Public keys; what is none is named.
std::vector<std::string> keys_of(const yaml::Node& node, Plan& plan);

}  // namespace photon::first_boot
