// Options of a feature as its install.sh sees them, and the variables that it leaves in the image.
#pragma once
#include "devenv/feature/metadata.hpp"

namespace photon::feature {

/// "fooBar" → "FOOBAR", "9x-y" → "_X_Y": each character that is no letter, digit or underscore becomes one,
/// digits and underscores at the front become one, all in capitals.
std::string option_variable(std::string_view name);

/// What was asked for over the defaults, by the option's name. What the feature does not declare is passed on
/// and warned about, as is a value that it does not allow.
std::map<std::string, std::string> chosen_options(const Metadata& metadata, const spec::FeatureWish& wish,
                                                  std::vector<spec::Warning>& warnings);

/// Sets the feature's containerEnv in `env` (NAME=VALUE), one after the other: `$NAME`, `${NAME}`,
/// `${NAME:-other}` and `${NAME:+other}` stand for what is set by then, as in a Dockerfile.
void add_container_env(std::vector<std::string>& env, const Metadata& metadata);

/// The value of a variable of `env`.
std::optional<std::string> value_in(const std::vector<std::string>& env, std::string_view name);
/// Sets it, in its place if it is there.
void set_in(std::vector<std::string>& env, std::string_view name, std::string_view value);

}  // namespace photon::feature
