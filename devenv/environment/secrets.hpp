// Secrets of an environment: those that were given, kept where a reboot takes them, and those that its file
// declares and nobody has given.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "devenv/core/paths.hpp"
#include "devenv/core/secret.hpp"
#include "devenv/environment/record.hpp"
#include "devenv/spec/spec.hpp"

namespace photon::environment {

/// By name. An empty one was left out by whoever was asked: no variable, and not asked for again.
using Secrets = std::map<std::string, Secret>;

/// What was kept of the environment; none: nothing was, or the machine has started anew since.
Result<Secrets> kept_secrets(const Paths& paths, const std::string& id);
/// Instead of what was kept before, readable by the daemon's user alone and in no folder that the container
/// has. More than a message to a process carries is refused.
Result<void> keep_secrets(const Paths& paths, const std::string& id, const Secrets& secrets);
void forget_secrets(const Paths& paths, const std::string& id);

/// Those of `declared` that are neither given nor left out, in their order.
std::vector<spec::DeclaredSecret> missing_of(const std::vector<spec::DeclaredSecret>& declared,
                                             const Secrets& secrets);
/// "environment.secrets": the hint has a line for each one, NAME<tab>description<tab>URL, and a last line
/// that says how they are given.
Error asks_for(const std::vector<spec::DeclaredSecret>& missing, const std::string& label,
               const std::string& source);
/// One line, of the same.
std::string not_given(const std::vector<spec::DeclaredSecret>& missing, const std::string& name);

/// All that counts for what runs inside, this time's included and kept; by UpRequest::secrets.
Result<Secrets> settle_secrets(const Paths& paths, Record& record, const spec::Plan& plan,
                               const UpRequest& request);

/// Variables with what is not left out.
void put_secrets(std::vector<std::string>& env, const Secrets& secrets);

}  // namespace photon::environment
