// A recipe laid out for rpmbuild in the upper layer of a sandbox that is about to run.
#pragma once
#include <string>

#include "packages/forge/build/one.hpp"
#include "packages/forge/sandbox/sandbox.hpp"

namespace photon::forge {

struct LaidOut {
  SandboxCommand command{};  ///< all but argv, input and output
  std::string spec{};        ///< inside
  std::string target{};      ///< for --target
  std::vector<Input> sources{};
};
Result<LaidOut> lay_out(const Site& site, const Plan& plan, const std::string& scratch, unsigned cores,
                        const Work& work);

/// A new scratch folder's path; its name says whose it is.
std::string scratch_for(const Site& site, const Recipe& recipe, std::string_view more);

}  // namespace photon::forge
