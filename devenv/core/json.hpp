// Boost.JSON with our errors: bounded parsing, and reading of members that says which one is wrong.
#pragma once
#include <boost/json/value.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "devenv/core/error.hpp"

namespace photon {
namespace json = boost::json;

/// Strict JSON of at most `limit` bytes and 64 levels. `name` is what the error calls it ("the manifest").
Result<json::value> parse_json(std::string_view text, std::string_view name, std::size_t limit = 16 << 20);
std::string write_json(const json::value& value);
/// Indented by two spaces with a final newline: for people.
std::string write_json_pretty(const json::value& value);

/// Members of an object; a missing one gives the default, one of another type too: for answers of programs
/// that we do not control. `object` may be any value; then all is missing.
std::string text_or(const json::value& object, std::string_view key, std::string_view otherwise = {});
std::int64_t number_or(const json::value& object, std::string_view key, std::int64_t otherwise = 0);
bool flag_or(const json::value& object, std::string_view key, bool otherwise = false);
/// nullptr if absent.
const json::value* member(const json::value& object, std::string_view key);
/// Required members: an error names the key.
Result<std::string> text_member(const json::value& object, std::string_view key);
Result<std::int64_t> number_member(const json::value& object, std::string_view key);

/// {"kind","code","message","where"?,"hint"?,"trace"?}
json::value to_json(const Error& error);
Error error_from_json(const json::value& value);

}  // namespace photon
