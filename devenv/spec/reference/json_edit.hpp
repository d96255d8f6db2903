// A member more in JSON with comments, as text: what stands there stays, comments too.
#pragma once
#include <string>
#include <string_view>

#include "devenv/spec/reference/value.hpp"

namespace photon::spec::reference {

/// Sets `name` in the object that is the member `holder` of the document ("" = in the document itself). The
/// lines that change are laid out anew, to the letter of the reference. An error: there is no such object.
Result<std::string> with_member(std::string_view document, std::string_view holder, std::string_view name,
                                const Value& value);

}  // namespace photon::spec::reference
