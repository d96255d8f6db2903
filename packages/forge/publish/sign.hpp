// Signed copies of packages, made once for each file and key.
#pragma once
#include <string>
#include <vector>

#include "packages/forge/publish/publish.hpp"
#include "packages/forge/publish/select.hpp"

namespace photon::forge {

struct Signed {
  std::string path{};
  std::string sha256{};  ///< of the signed file
};

/// In the order of `files`. Kept below `STORE/signed/FINGERPRINT`: the unsigned digest is the name of a link
/// whose target bears the signed one.
Result<std::vector<Signed>> sign(const std::vector<Chosen>& files, const SigningKey& key, Store& store,
                                 const Work& work);

/// The detached, armoured signature of a file of ours.
Result<std::string> signature_of(const std::string& bytes, const SigningKey& key, const Work& work);

}  // namespace photon::forge
