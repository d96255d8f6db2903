// What an environment is made from, as it was typed, and the consent to what a stranger's repository asks
// for.
#pragma once
#include "devenv/cli/context.hpp"

namespace photon::cli {

struct Source {
  std::string text;
  std::string name;  ///< of the environment that was named instead of its source
};

/// A path becomes absolute (the daemon has another folder); a URL stays as it is; the name of an environment
/// means what that one was made from.
Result<Source> source_of(Context& context, const std::string& typed);

/// A cloned repository is somebody's: what it asks of this machine is agreed to here, by whoever sits there.
/// `kept` says what is left after a no.
Result<void> agree(const Error& asked, std::string kept);

}  // namespace photon::cli
