// Reading and writing of single members, so that each struct of the API names its fields once for both ways.
#pragma once
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <concepts>

#include "devenv/api/wire/wire.hpp"

namespace photon::wire {

/// Writes `object[key] = value`. Empty optionals are left out.
class Writer {
 public:
  json::object object;

  void operator()(std::string_view key, const std::string& value) { object[key] = value; }
  void operator()(std::string_view key, bool value) { object[key] = value; }
  void operator()(std::string_view key, std::int64_t value) { object[key] = value; }
  void operator()(std::string_view key, std::uint64_t value) { object[key] = value; }
  void operator()(std::string_view key, unsigned value) { object[key] = value; }
  void operator()(std::string_view key, const Secret& value) { object[key] = value.reveal(); }
  void operator()(std::string_view key, const std::vector<std::string>& value);
  void operator()(std::string_view key, const std::map<std::string, std::string>& value);
  void operator()(std::string_view key, const std::optional<Error>& value) {
    if (value) object[key] = photon::to_json(*value);
  }
  void operator()(std::string_view key, const std::optional<Environment>& value) {
    if (value) object[key] = to_json(*value);
  }
  void operator()(std::string_view key, const std::optional<Built>& value) {
    if (value) object[key] = to_json(*value);
  }
  template <class T>
  void operator()(std::string_view key, const std::vector<T>& value) {
    json::array list;
    for (const auto& item : value) list.push_back(to_json(item));
    object[key] = std::move(list);
  }
  void operator()(std::string_view key, const std::optional<Prebuild>& value) {
    if (value) object[key] = to_json(*value);
  }
  void operator()(std::string_view key, const std::map<std::string, Secret>& value);
  void operator()(std::string_view key, const Caller& value) { object[key] = to_json(value); }
  void operator()(std::string_view key, const Hooks& value) { object[key] = to_json(value); }
  void operator()(std::string_view key, const Dotfiles& value) { object[key] = to_json(value); }
};

/// Reads what is there; a missing or null member keeps its default, one of a wrong type is an error that
/// names it.
class Reader {
 public:
  explicit Reader(const json::value& from) : from_(from) {
    if (!from.is_object()) wrong("the body", "an object");
  }

  void operator()(std::string_view key, std::string& value);
  void operator()(std::string_view key, bool& value);
  void operator()(std::string_view key, std::int64_t& value) { number(key, value); }
  void operator()(std::string_view key, std::uint64_t& value) { number(key, value); }
  void operator()(std::string_view key, unsigned& value) { number(key, value); }
  void operator()(std::string_view key, Secret& value);
  void operator()(std::string_view key, std::vector<std::string>& value);
  void operator()(std::string_view key, std::map<std::string, std::string>& value);
  void operator()(std::string_view key, std::optional<Error>& value);
  void operator()(std::string_view key, std::optional<Environment>& value);
  void operator()(std::string_view key, std::optional<Built>& value);
  void operator()(std::string_view key, std::vector<Port>& value) { list(key, value); }
  void operator()(std::string_view key, std::vector<Service>& value) { list(key, value); }
  void operator()(std::string_view key, std::optional<Prebuild>& value);
  void operator()(std::string_view key, std::map<std::string, Secret>& value);
  void operator()(std::string_view key, Caller& value);
  void operator()(std::string_view key, Hooks& value);
  void operator()(std::string_view key, Dotfiles& value);

  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

 private:
  const json::value* at(std::string_view key) const;
  void wrong(std::string_view key, std::string_view expected);
  template <class T>
  void number(std::string_view key, T& value);
  template <class T>
  void list(std::string_view key, std::vector<T>& value);
  template <class T>
  void nested(std::string_view key, const json::value& from, T& value);

  const json::value& from_;
  std::optional<Error> error_;
};

/// T or const T: one list of fields serves the reader and the writer.
template <class T, class Of>
concept Is = std::same_as<std::remove_const_t<T>, Of>;

}  // namespace photon::wire
