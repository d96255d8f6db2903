// hostRequirements: the largest of each, as the reference computes it.
#include <cmath>
#include <limits>

#include "devenv/spec/reference/merge.hpp"

namespace photon::spec::reference {
namespace {

/// "8gb" in bytes: whole numbers, lower-case units of 1024; everything else counts nothing.
Result<double> bytes_of(const Value& size) {
  PHOTON_CHECK(size.check_plain());
  auto text = size.to_text();
  std::size_t digits = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') ++digits;
  if (digits == 0) return 0;
  auto number = leading_integer(std::string_view(text).substr(0, digits));
  auto unit = text.substr(digits);
  if (unit.empty()) return number;
  if (unit == "kb") return number * 0x1p10;
  if (unit == "mb") return number * 0x1p20;
  if (unit == "gb") return number * 0x1p30;
  if (unit == "tb") return number * 0x1p40;
  return 0;
}

/// `value || otherwise`
Value either(const Value& value, Value otherwise) { return value.truthy() ? value : otherwise; }

/// Math.max: without any -Infinity, with a NaN NaN.
class Largest {
 public:
  void add(double number) { most_ = std::isnan(number) || std::isnan(most_) ? NAN : std::max(most_, number); }
  [[nodiscard]] double get() const { return most_; }

 private:
  double most_ = -std::numeric_limits<double>::infinity();
};

Result<void> add_number(Largest& to, const Value& value) {
  auto number = either(value, 0);
  PHOTON_CHECK(number.check_plain());
  to.add(number.to_number());
  return {};
}

Result<void> add_bytes(Largest& to, const Value& value) {
  PHOTON_TRY(double bytes, bytes_of(either(value, "0")));
  to.add(bytes);
  return {};
}

bool counts(double number) { return number != 0 && !std::isnan(number); }
Value as_text(double number) { return counts(number) ? Value(number_text(number)) : Value(); }

bool is_false(const Value& value) { return value.undefined() || (value.flag() && !*value.flag()); }

Result<Value> merged_gpu(const Value& a, const Value& b) {
  if (is_false(a)) return b;
  if (is_false(b)) return a;
  auto optional = [](const Value& value) { return value.text() && *value.text() == "optional"; };
  if (optional(a) && optional(b)) return a;
  Largest cores, memory;
  for (const auto* value : {&a, &b}) {
    if (value->null()) return type_error("Cannot read properties of null (reading 'cores')");
    bool object = value->type() == "object";
    PHOTON_CHECK(add_number(cores, object ? value->at("cores") : Value()));
  }
  for (const auto* value : {&a, &b})
    PHOTON_CHECK(add_bytes(memory, value->type() == "object" ? value->at("memory") : Value()));
  Object both;
  if (counts(cores.get())) both.set("cores", cores.get());
  if (counts(memory.get())) both.set("memory", as_text(memory.get()));
  return both;
}

}  // namespace

Result<Value> merged_requirements(const List& entries) {
  Largest cpus, memory, storage;
  Value gpu;
  for (const auto& entry : entries) {
    const auto& wanted = entry.at("hostRequirements");
    PHOTON_CHECK(add_number(cpus, wanted.at("cpus")));
    PHOTON_CHECK(add_bytes(memory, wanted.at("memory")));
    PHOTON_CHECK(add_bytes(storage, wanted.at("storage")));
    PHOTON_TRY(gpu, merged_gpu(gpu, wanted.at("gpu")));
  }
  if (!counts(cpus.get()) && !counts(memory.get()) && !counts(storage.get()) && !gpu.truthy()) return Value();
  Object most;
  most.set("cpus", cpus.get());
  if (auto text = as_text(memory.get()); !text.undefined()) most.set("memory", text);
  if (auto text = as_text(storage.get()); !text.undefined()) most.set("storage", text);
  if (!gpu.undefined()) most.set("gpu", gpu);
  return most;
}

}  // namespace photon::spec::reference
