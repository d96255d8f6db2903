// `${templateOption:NAME}` in the files of a template.
#pragma once
#include "devenv/spec/reference/value.hpp"

namespace photon::spec::reference {

/// The chosen options, and the template's defaults for the others.
Value with_defaults(const Value& options, const Value& document);
/// The text with each option put in; one that has no value is nothing.
std::string with_options(std::string_view text, const Value& options);

}  // namespace photon::spec::reference
