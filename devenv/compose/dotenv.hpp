// Files of variables: .env beside a compose file, and those that env_file names.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "devenv/compose/interpolate.hpp"

namespace photon::compose {

/// In the order of the file, each name once with its last value.
using Variables = std::vector<std::pair<std::string, std::string>>;

/// NAME=value, export NAME=value, 'literal', "with \n and $NAME", # remarks. A name alone takes its value
/// from `outside`, or is left out. Variables in values are those above them in the file, then `outside`'s.
Result<Variables> read_variables(std::string_view text, const std::string& file, const Lookup& outside);

/// "format: raw": what stands behind "=" counts letter by letter.
Result<Variables> read_raw_variables(std::string_view text, const std::string& file);

/// Sets it in its place, or appends it.
void set_variable(Variables& variables, const std::string& name, std::string value);
const std::string* find_variable(const Variables& variables, std::string_view name);

}  // namespace photon::compose
