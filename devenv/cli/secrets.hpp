// Secrets that a devcontainer.json declares: from a file, or from whoever sits at the terminal.
#pragma once
#include <map>

#include "devenv/core/error.hpp"
#include "devenv/core/secret.hpp"

namespace photon::cli {

/// {"NAME": "value"}; numbers and flags count as their text. No error shows a value.
Result<std::map<std::string, Secret>> secrets_from(const std::string& file);

/// Somebody can be asked.
bool at_terminal();
/// One after the other, without echo, of an "environment.secrets". Enter alone: an empty one.
Result<std::map<std::string, Secret>> ask_for_secrets(const Error& asked);

}  // namespace photon::cli
