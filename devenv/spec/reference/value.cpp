#include "devenv/spec/reference/value.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "devenv/spec/reference/text.hpp"

namespace photon::spec::reference {
namespace {

constexpr std::size_t many = 24;  ///< members from which an index pays

/// The number that a name is the canonical text of: "7" and never "07". The largest 32-bit one is a name.
std::optional<std::uint32_t> index_of(std::string_view name) {
  if (name.empty() || name.size() > 10 || (name[0] == '0' && name.size() > 1)) return std::nullopt;
  std::uint32_t number = 0;
  auto read = std::from_chars(name.data(), name.data() + name.size(), number);
  if (read.ec != std::errc() || read.ptr != name.data() + name.size() || number == 0xffffffffU)
    return std::nullopt;
  return number;
}

const Value absent;

}  // namespace

Object::Object() = default;
Object::Object(const Object&) = default;
Object::Object(Object&&) noexcept = default;
Object& Object::operator=(const Object&) = default;
Object& Object::operator=(Object&&) noexcept = default;
Object::~Object() = default;

std::size_t Object::place(std::string_view name) const {
  if (!places_.empty()) {
    auto found = places_.find(std::string(name));
    return found == places_.end() ? named_.size() : found->second;
  }
  std::size_t at = 0;
  while (at < named_.size() && named_[at].first != name) ++at;
  return at;
}

const Value* Object::find(std::string_view name) const {
  if (auto number = index_of(name)) {
    auto found = numbered_.find(*number);
    return found == numbered_.end() ? nullptr : &found->second;
  }
  auto at = place(name);
  return at == named_.size() ? nullptr : &named_[at].second;
}

Value* Object::find(std::string_view name) {
  return const_cast<Value*>(std::as_const(*this).find(name));  // NOLINT: ours, and not const
}

void Object::set(std::string_view name, Value value) {
  if (auto number = index_of(name)) {
    numbered_[*number] = std::move(value);
    return;
  }
  auto at = place(name);
  if (at < named_.size()) {
    named_[at].second = std::move(value);
    return;
  }
  named_.emplace_back(name, std::move(value));
  if (!places_.empty()) {
    places_.emplace(name, at);
  } else if (named_.size() >= many) {
    for (std::size_t i = 0; i < named_.size(); ++i) places_.emplace(named_[i].first, i);
  }
}

void Object::erase(std::string_view name) {
  if (auto number = index_of(name)) {
    numbered_.erase(*number);
    return;
  }
  auto at = place(name);
  if (at == named_.size()) return;
  named_.erase(named_.begin() + static_cast<std::ptrdiff_t>(at));
  places_.clear();
  if (named_.size() >= many)
    for (std::size_t i = 0; i < named_.size(); ++i) places_.emplace(named_[i].first, i);
}

std::vector<std::string> Object::names() const {
  std::vector<std::string> all;
  each([&](const std::string& name, const Value&) { all.push_back(name); });
  return all;
}

Value::Value(Object object) : held_(std::make_shared<Object>(std::move(object))) {}

const Object* Value::object() const {
  const auto* shared = std::get_if<std::shared_ptr<Object>>(&held_);
  return shared ? shared->get() : nullptr;
}

Object* Value::object() {
  auto* shared = std::get_if<std::shared_ptr<Object>>(&held_);
  if (!shared) return nullptr;
  if (shared->use_count() > 1) *shared = std::make_shared<Object>(**shared);
  return shared->get();
}

bool Value::truthy() const {
  if (nothing()) return false;
  if (const auto* is = flag()) return *is;
  if (const auto* is = number()) return *is != 0 && !std::isnan(*is);
  if (const auto* is = text()) return !is->empty();
  return true;
}

const Value& Value::at(std::string_view name) const {
  if (const auto* members = object()) {
    const auto* found = members->find(name);
    return found ? *found : absent;
  }
  if (const auto* items = list())
    if (auto number = index_of(name); number && *number < items->size()) return (*items)[*number];
  return absent;
}

Result<const Value*> Value::member(std::string_view name) const {
  if (nothing())
    return type_error(fmt::format("Cannot read properties of {} (reading '{}')", to_text(), name));
  return &at(name);
}

std::string_view Value::type() const {
  constexpr std::string_view names[] = {"undefined", "object", "boolean", "number",
                                        "string",    "object", "object"};
  return names[held_.index()];
}

std::string Value::to_text() const {
  if (undefined()) return "undefined";
  if (null()) return "null";
  if (const auto* is = flag()) return *is ? "true" : "false";
  if (const auto* is = number()) return number_text(*is);
  if (const auto* is = text()) return *is;
  if (object()) return "[object Object]";
  std::string joined;
  for (std::size_t i = 0; i < list()->size(); ++i) {
    if (i > 0) joined += ',';
    if (!(*list())[i].nothing()) joined += (*list())[i].to_text();
  }
  return joined;
}

double Value::to_number() const {
  if (undefined()) return std::numeric_limits<double>::quiet_NaN();
  if (null()) return 0;
  if (const auto* is = flag()) return *is ? 1 : 0;
  if (const auto* is = number()) return *is;
  return number_of(to_text());
}

Result<void> Value::check_plain() const {
  if (object()) return type_error("Cannot convert object to primitive value");
  if (const auto* items = list())
    for (const auto& item : *items) PHOTON_CHECK(item.check_plain());
  return {};
}

tl::unexpected<Error> type_error(std::string message) {
  return fail(Kind::failed, "reference.type", "TypeError: " + message);
}

Object spread(const Value& value) {
  if (const auto* members = value.object()) return *members;
  Object made;
  if (const auto* items = value.list())
    for (std::size_t i = 0; i < items->size(); ++i) made.set(std::to_string(i), (*items)[i]);
  if (const auto* text = value.text()) {
    auto units = code_units(*text);
    for (std::size_t i = 0; i < units.size(); ++i)
      made.set(std::to_string(i), from_code_units({&units[i], 1}));
  }
  return made;
}

Result<std::size_t> key_count(const Value& value) {
  if (value.nothing()) return type_error("Cannot convert undefined or null to object");
  if (const auto* members = value.object()) return members->size();
  if (const auto* items = value.list()) return items->size();
  if (const auto* text = value.text()) return code_units(*text).size();
  return 0;
}

}  // namespace photon::spec::reference
