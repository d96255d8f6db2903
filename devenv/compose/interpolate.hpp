// ${NAME:-default} and its siblings in the values of a compose file, and in .env files.
#pragma once
#include <functional>
#include <optional>
#include <set>
#include <string>

#include "devenv/compose/yaml.hpp"

namespace photon::compose {

/// nullopt: there is no such variable.
using Lookup = std::function<std::optional<std::string>(const std::string& name)>;

/// What texts may grow to, all of a file together.
inline constexpr std::size_t most_interpolated = 8 << 20;

/// $NAME, ${NAME}, ${NAME:-d}, ${NAME-d}, ${NAME:?e}, ${NAME?e}, ${NAME:+a}, ${NAME+a}, $$; what stands
/// behind the sign may hold variables itself. `unset` gets the names that have no value and no default.
Result<std::string> interpolate(const std::string& text, const Lookup& lookup, const Place& where,
                                std::set<std::string>& unset);

/// All values of a tree, never its keys.
Result<void> interpolate(yaml::Node& node, const Lookup& lookup, std::set<std::string>& unset);

}  // namespace photon::compose
