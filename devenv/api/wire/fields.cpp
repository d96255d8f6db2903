#include "devenv/api/wire/fields.hpp"

namespace photon::wire {

void Writer::operator()(std::string_view key, const std::vector<std::string>& value) {
  json::array list;
  for (const auto& item : value) list.emplace_back(item);
  object[key] = std::move(list);
}

void Writer::operator()(std::string_view key, const std::map<std::string, std::string>& value) {
  json::object members;
  for (const auto& [name, text] : value) members[name] = text;
  object[key] = std::move(members);
}

void Writer::operator()(std::string_view key, const std::map<std::string, Secret>& value) {
  json::object members;
  for (const auto& [name, secret] : value) members[name] = secret.reveal();
  object[key] = std::move(members);
}

const json::value* Reader::at(std::string_view key) const {
  const auto* found = member(from_, key);
  return found && !found->is_null() ? found : nullptr;
}

void Reader::wrong(std::string_view key, std::string_view expected) {
  if (!error_) error_ = Error{Kind::usage, "wire.member", fmt::format("{} is not {}", key, expected)};
}

void Reader::operator()(std::string_view key, std::string& value) {
  const auto* found = at(key);
  if (!found) return;
  if (const auto* text = found->if_string()) {
    value.assign(text->data(), text->size());
  } else {
    wrong(key, "text");
  }
}

void Reader::operator()(std::string_view key, bool& value) {
  const auto* found = at(key);
  if (!found) return;
  if (const bool* flag = found->if_bool()) {
    value = *flag;
  } else {
    wrong(key, "true or false");
  }
}

template <class T>
void Reader::number(std::string_view key, T& value) {
  const auto* found = at(key);
  if (!found) return;
  boost::system::error_code error;
  T read{};
  if (found->is_number()) read = found->to_number<T>(error);
  if (!found->is_number() || error) return wrong(key, "a whole number in range");
  value = read;
}
template void Reader::number(std::string_view, std::int64_t&);
template void Reader::number(std::string_view, std::uint64_t&);
template void Reader::number(std::string_view, unsigned&);

void Reader::operator()(std::string_view key, Secret& value) {
  std::string text;
  (*this)(key, text);
  value = Secret(std::move(text));
}

void Reader::operator()(std::string_view key, std::vector<std::string>& value) {
  const auto* found = at(key);
  if (!found) return;
  if (!found->is_array()) return wrong(key, "a list of texts");
  value.clear();
  for (const auto& item : found->get_array()) {
    if (!item.is_string()) return wrong(key, "a list of texts");
    value.emplace_back(item.get_string().data(), item.get_string().size());
  }
}

void Reader::operator()(std::string_view key, std::map<std::string, std::string>& value) {
  const auto* found = at(key);
  if (!found) return;
  if (!found->is_object()) return wrong(key, "an object of texts");
  value.clear();
  for (const auto& [name, item] : found->get_object()) {
    if (!item.is_string()) return wrong(key, "an object of texts");
    value[std::string(name)] = std::string(item.get_string().data(), item.get_string().size());
  }
}

void Reader::operator()(std::string_view key, std::optional<Error>& value) {
  if (const auto* found = at(key)) value = error_from_json(*found);
}

template <class T>
void Reader::nested(std::string_view key, const json::value& from, T& value) {
  auto read = parse<T>(from);
  if (!read) {
    if (!error_) error_ = within(std::move(read.error()), fmt::format("in {}", key)).value();
    return;
  }
  value = std::move(*read);
}

void Reader::operator()(std::string_view key, std::optional<Environment>& value) {
  if (const auto* found = at(key)) nested(key, *found, value.emplace());
}

void Reader::operator()(std::string_view key, std::optional<Built>& value) {
  if (const auto* found = at(key)) nested(key, *found, value.emplace());
}

void Reader::operator()(std::string_view key, std::optional<Prebuild>& value) {
  if (const auto* found = at(key)) nested(key, *found, value.emplace());
}

void Reader::operator()(std::string_view key, std::map<std::string, Secret>& value) {
  std::map<std::string, std::string> texts;
  (*this)(key, texts);
  for (auto& [name, text] : texts) value[name] = Secret(std::move(text));
}

void Reader::operator()(std::string_view key, Caller& value) {
  if (const auto* found = at(key)) nested(key, *found, value);
}

void Reader::operator()(std::string_view key, Hooks& value) {
  if (const auto* found = at(key)) nested(key, *found, value);
}

void Reader::operator()(std::string_view key, Dotfiles& value) {
  if (const auto* found = at(key)) nested(key, *found, value);
}

template <class T>
void Reader::list(std::string_view key, std::vector<T>& value) {
  const auto* found = at(key);
  if (!found) return;
  if (!found->is_array()) return wrong(key, "a list");
  value.clear();
  for (const auto& item : found->get_array()) nested(key, item, value.emplace_back());
}

template void Reader::list(std::string_view, std::vector<Port>&);
template void Reader::list(std::string_view, std::vector<Service>&);

}  // namespace photon::wire
