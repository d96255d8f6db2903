// The lock file of features: what was resolved, written beside the configuration.
#pragma once
#include <optional>

#include "devenv/spec/reference/value.hpp"

namespace photon::spec::reference {

/// devcontainer-lock.json beside the configuration; hidden, if that is.
std::string lock_path(std::string_view config_path);

/// {features: {id: {version, resolved, integrity, dependsOn?}}}, of registries and archives alone. Those of
/// `additional` that `config` does not have are left out.
Value make_lock(const Value& features_configuration, const Value& config = {}, const Value& additional = {});

/// nullopt: there is none, or an empty one, which asks for a new one. Not trusted: any member may be
/// anything.
Result<std::optional<Value>> read_lock(const std::optional<std::string>& bytes, const std::string& path);

enum class LockRule {
  write,   ///< as usual
  frozen,  ///< it has to be there and to stay as it is
  none,    ///< neither read nor written
};
/// The new text of the file; nullopt: it stays. Its layout alone is no change.
Result<std::optional<std::string>> changed_lock(const Value& lock,
                                                const std::optional<std::string>& old_bytes, LockRule rule);

}  // namespace photon::spec::reference
