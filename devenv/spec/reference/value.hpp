// A JavaScript value as the reference CLI holds it: member order, number text and coercions are its own.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "devenv/core/error.hpp"

namespace photon::spec::reference {

class Object;
class Value;
using List = std::vector<Value>;

/// Texts are UTF-8; half of a surrogate pair, which JavaScript allows, is three bytes as in WTF-8.
class Value {
 public:
  struct Undefined {};
  using Held =
      std::variant<Undefined, std::nullptr_t, bool, double, std::string, List, std::shared_ptr<Object>>;

  Value() = default;
  Value(std::nullptr_t) : held_(nullptr) {}
  Value(bool flag) : held_(flag) {}
  Value(double number) : held_(number) {}
  Value(int number) : held_(static_cast<double>(number)) {}
  Value(std::string text) : held_(std::move(text)) {}
  Value(std::string_view text) : held_(std::string(text)) {}
  Value(const char* text) : held_(std::string(text)) {}
  Value(List list) : held_(std::move(list)) {}
  Value(Object object);

  [[nodiscard]] bool undefined() const { return held_.index() == 0; }
  [[nodiscard]] bool null() const { return held_.index() == 1; }
  [[nodiscard]] bool nothing() const { return held_.index() < 2; }
  [[nodiscard]] const bool* flag() const { return std::get_if<bool>(&held_); }
  [[nodiscard]] const double* number() const { return std::get_if<double>(&held_); }
  [[nodiscard]] const std::string* text() const { return std::get_if<std::string>(&held_); }
  [[nodiscard]] const List* list() const { return std::get_if<List>(&held_); }
  [[nodiscard]] const Object* object() const;
  List* list() { return std::get_if<List>(&held_); }
  /// To change it; a copy of its own is made if another value shares it.
  Object* object();

  /// if (value)
  [[nodiscard]] bool truthy() const;
  /// `value[name]` and `value?.[name]`: undefined where there is none. Of nothing the former throws.
  [[nodiscard]] const Value& at(std::string_view name) const;
  [[nodiscard]] Result<const Value*> member(std::string_view name) const;
  /// "undefined", "object" (null and lists, too), "boolean", "number", "string"
  [[nodiscard]] std::string_view type() const;
  /// String(value)
  [[nodiscard]] std::string to_text() const;
  /// Number(value); NaN if it is none.
  [[nodiscard]] double to_number() const;
  /// An object of a substituted configuration has no text and is no number: there the reference throws.
  [[nodiscard]] Result<void> check_plain() const;

 private:
  Held held_;
};

/// Members in the order of JavaScript: names that are whole numbers first, ascending, then the others as they
/// came. A name that is set again keeps its place.
class Object {
 public:
  Object();
  Object(const Object&);
  Object(Object&&) noexcept;
  Object& operator=(const Object&);
  Object& operator=(Object&&) noexcept;
  ~Object();

  [[nodiscard]] const Value* find(std::string_view name) const;
  Value* find(std::string_view name);
  [[nodiscard]] bool has(std::string_view name) const { return find(name) != nullptr; }
  void set(std::string_view name, Value value);
  void erase(std::string_view name);
  [[nodiscard]] std::size_t size() const { return numbered_.size() + named_.size(); }
  [[nodiscard]] std::vector<std::string> names() const;

  template <class F>
  void each(F visit) const {
    for (const auto& [number, value] : numbered_) visit(std::to_string(number), value);
    for (const auto& [name, value] : named_) visit(name, value);
  }

 private:
  [[nodiscard]] std::size_t place(std::string_view name) const;

  std::map<std::uint32_t, Value> numbered_;
  std::vector<std::pair<std::string, Value>> named_;
  std::unordered_map<std::string, std::size_t> places_;  ///< of named_, once there are many
};

/// A number as JavaScript writes it: 1.50 is 1.5, 1e3 is 1000, 1e21 is 1e+21.
std::string number_text(double number);
/// Number(text): blanks around it, hexadecimal, Infinity; NaN if it is none.
double number_of(std::string_view text);
/// parseInt(text)
double leading_integer(std::string_view text);

/// JSON.stringify: undefined members are left out, NaN and Infinity are null, half pairs are escaped.
std::string write(const Value& value);
/// JSON.stringify(value, undefined, indent)
std::string write_indented(const Value& value, unsigned indent);

/// What JavaScript throws where a value is of another type than the reference expects.
[[nodiscard]] tl::unexpected<Error> type_error(std::string message);

/// `{...value}`: the members of an object, the places of a list or text, nothing of anything else.
Object spread(const Value& value);
/// Object.keys(value).length; of nothing it throws.
Result<std::size_t> key_count(const Value& value);

}  // namespace photon::spec::reference
