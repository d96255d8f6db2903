// Merge rules of what is a list in the end: unions, mounts, ports, customizations.
#include <algorithm>
#include <array>
#include <unordered_set>

#include "devenv/spec/reference/merge.hpp"

namespace photon::spec::reference {
namespace {

/// What a Set holds: lists and objects are told apart by identity, so each is one of its own.
class Seen {
 public:
  bool add(const Value& item) {
    if (item.list() || item.object()) return true;
    return known_.insert(fmt::format("{}{}{}", item.null() ? "null" : item.type(), ':', item.to_text()))
        .second;
  }

 private:
  std::unordered_set<std::string> known_;
};

/// [].concat(…) of the entries' values: lists item by item, anything else as it is.
List joined(const List& entries, std::string_view name) {
  List all;
  for (const auto& entry : entries) {
    const auto& value = entry.at(name);
    if (const auto* list = value.list())
      all.insert(all.end(), list->begin(), list->end());
    else if (value.truthy())
      all.push_back(value);
  }
  return all;
}

Value unless_empty(List list) { return list.empty() ? Value() : Value(std::move(list)); }

std::vector<std::string_view> cut(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  for (;;) {
    auto end = text.find(at);
    parts.push_back(text.substr(0, end));
    if (end == text.npos) return parts;
    text.remove_prefix(end + 1);
  }
}

/// The target of "type=bind,src=/a,dst=/b": nothing is quoted, and the last one counts.
Value target_of_text(std::string_view text) {
  Value target;
  for (auto part : cut(text, ',')) {
    auto words = cut(part, '=');
    if (words[0] != "target" && words[0] != "destination" && words[0] != "dst") continue;
    target = words.size() > 1 ? Value(words[1]) : Value();
  }
  return target;
}

/// "localhost:" and digits anywhere in the text.
bool names_localhost(std::string_view text) {
  constexpr std::string_view host = "localhost:";
  for (auto at = text.find(host); at != text.npos; at = text.find(host, at + 1)) {
    auto digit = at + host.size();
    if (digit < text.size() && text[digit] >= '0' && text[digit] <= '9') return true;
  }
  return false;
}

constexpr std::array<std::string_view, 12> inherited{
    "constructor",      "__defineGetter__", "__defineSetter__", "hasOwnProperty",
    "__lookupGetter__", "__lookupSetter__", "isPrototypeOf",    "__proto__",
    "toString",         "valueOf",          "toLocaleString",   "propertyIsEnumerable"};

}  // namespace

Result<Value> merged_union(const List& entries, std::string_view name) {
  List all;
  Seen seen;
  for (const auto& item : joined(entries, name))
    if (seen.add(item)) all.push_back(item);
  return unless_empty(std::move(all));
}

Result<Value> merged_mounts(const List& entries) {
  auto mounts = joined(entries, "mounts");
  List kept;
  Seen seen;
  std::reverse(mounts.begin(), mounts.end());
  for (auto& mount : mounts) {
    Value target;
    if (const auto* text = mount.text()) {
      target = target_of_text(*text);
    } else {
      PHOTON_TRY(const auto* found, mount.member("target"));
      target = *found;
    }
    if (seen.add(target)) kept.push_back(std::move(mount));
  }
  std::reverse(kept.begin(), kept.end());
  return unless_empty(std::move(kept));
}

Result<Value> merged_ports(const List& entries) {
  List ports;
  Seen seen;
  for (const auto& said : joined(entries, "forwardPorts")) {
    auto port = said.number() ? Value("localhost:" + number_text(*said.number())) : said;
    if (!seen.add(port)) continue;
    PHOTON_CHECK(port.check_plain());
    if (!names_localhost(port.to_text())) {
      ports.push_back(port);
      continue;
    }
    const auto* text = port.text();
    if (!text) return type_error("port.substring is not a function");
    ports.emplace_back(
        leading_integer(std::string_view(*text).substr(std::min<std::size_t>(10, text->size()))));
  }
  return unless_empty(std::move(ports));
}

Result<Value> merged_customizations(const List& entries) {
  Object all;
  for (const auto& entry : entries) {
    Result<void> failed;
    spread(entry.at("customizations")).each([&](const std::string& tool, const Value& value) {
      if (std::find(inherited.begin(), inherited.end(), tool) != inherited.end()) {
        failed = type_error("obj[key].push is not a function");
        return;
      }
      if (auto* known = all.find(tool))
        known->list()->push_back(value);
      else
        all.set(tool, List{value});
    });
    PHOTON_CHECK(std::move(failed));
  }
  if (all.size() == 0) return Value();
  return all;
}

}  // namespace photon::spec::reference
