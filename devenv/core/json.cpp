#include "devenv/core/json.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace photon {

Result<json::value> parse_json(std::string_view text, std::string_view name, std::size_t limit) {
  if (text.size() > limit)
    return fail(Kind::usage, "json.too-large", fmt::format("{} is larger than {} bytes", name, limit));
  boost::system::error_code error;
  json::parse_options options;
  options.max_depth = 64;
  json::value value = json::parse(json::string_view(text.data(), text.size()), error, {}, options);
  if (error)
    return fail(Kind::usage, "json.syntax", fmt::format("{} is not JSON: {}", name, error.message()));
  return value;
}

std::string write_json(const json::value& value) { return json::serialize(value); }

namespace {

void write_indented(std::string& out, const json::value& value, std::size_t depth) {
  std::string pad(2 * depth + 2, ' ');
  std::string_view end(pad.data(), 2 * depth);
  if (const auto* object = value.if_object(); object && !object->empty()) {
    out += "{\n";
    for (std::size_t i = 0; const auto& [key, item] : *object) {
      out += pad + json::serialize(key) + ": ";
      write_indented(out, item, depth + 1);
      out += ++i == object->size() ? "\n" : ",\n";
    }
    out.append(end) += "}";
  } else if (const auto* array = value.if_array(); array && !array->empty()) {
    out += "[\n";
    for (std::size_t i = 0; const auto& item : *array) {
      out += pad;
      write_indented(out, item, depth + 1);
      out += ++i == array->size() ? "\n" : ",\n";
    }
    out.append(end) += "]";
  } else {
    out += json::serialize(value);
  }
}

}  // namespace

std::string write_json_pretty(const json::value& value) {
  std::string out;
  write_indented(out, value, 0);
  return out += "\n";
}

const json::value* member(const json::value& object, std::string_view key) {
  const auto* members = object.if_object();
  return members ? members->if_contains(key) : nullptr;
}

std::string text_or(const json::value& object, std::string_view key, std::string_view otherwise) {
  const auto* found = member(object, key);
  const auto* text = found ? found->if_string() : nullptr;
  return text ? std::string(text->data(), text->size()) : std::string(otherwise);
}

std::int64_t number_or(const json::value& object, std::string_view key, std::int64_t otherwise) {
  const auto* found = member(object, key);
  if (!found || !found->is_number()) return otherwise;
  boost::system::error_code error;
  auto number = found->to_number<std::int64_t>(error);
  return error ? otherwise : number;
}

bool flag_or(const json::value& object, std::string_view key, bool otherwise) {
  const auto* found = member(object, key);
  const bool* flag = found ? found->if_bool() : nullptr;
  return flag ? *flag : otherwise;
}

Result<std::string> text_member(const json::value& object, std::string_view key) {
  const auto* found = member(object, key);
  const auto* text = found ? found->if_string() : nullptr;
  if (!text) return fail(Kind::usage, "json.member", fmt::format("\"{}\" is missing or not text", key));
  return std::string(text->data(), text->size());
}

Result<std::int64_t> number_member(const json::value& object, std::string_view key) {
  const auto* found = member(object, key);
  boost::system::error_code error;
  if (found && found->is_number()) {
    auto number = found->to_number<std::int64_t>(error);
    if (!error) return number;
  }
  return fail(Kind::usage, "json.member", fmt::format("\"{}\" is missing or not a whole number", key));
}

json::value to_json(const Error& error) {
  json::object object{
      {"kind", std::string(to_string(error.kind))}, {"code", error.code}, {"message", error.message}};
  if (error.where)
    object["where"] = {
        {"file", error.where->file}, {"line", error.where->line}, {"column", error.where->column}};
  if (!error.hint.empty()) object["hint"] = error.hint;
  if (!error.trace.empty()) {
    json::array trace;
    for (const auto& line : error.trace) trace.emplace_back(line);
    object["trace"] = std::move(trace);
  }
  return object;
}

Error error_from_json(const json::value& value) {
  Error error;
  error.kind = kind_from(text_or(value, "kind")).value_or(Kind::internal);
  error.code = text_or(value, "code", "unknown");
  error.message = text_or(value, "message", "an answer without a message");
  error.hint = text_or(value, "hint");
  if (const auto* where = member(value, "where"))
    error.where = Place{text_or(*where, "file"), static_cast<unsigned>(number_or(*where, "line")),
                        static_cast<unsigned>(number_or(*where, "column"))};
  if (const auto* trace = member(value, "trace"); trace && trace->is_array())
    for (const auto& line : trace->get_array())
      if (line.is_string()) error.trace.emplace_back(line.get_string().c_str());
  return error;
}

}  // namespace photon
