// Licence tags of packages as SPDX expressions.
#pragma once
#include <map>
#include <string>

namespace photon::forge {

struct Licence {
  std::string expression{};  ///< "MIT AND LicenseRef-Public-Domain"; NOASSERTION for none
  std::map<std::string, std::string> extracted{};  ///< LicenseRef-… → the words that it stands for
};
/// Identifiers of SPDX's list stay; another word becomes a LicenseRef-, and a tag that is no expression at
/// all one as a whole: what we write is always valid.
Licence licence_of(const std::string& tag);

}  // namespace photon::forge
