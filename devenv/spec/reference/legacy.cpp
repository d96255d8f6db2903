#include "devenv/spec/reference/legacy.hpp"

namespace photon::spec::reference {
namespace {

/// `holder[name] || (holder[name] = {})`; where it is neither an object nor nothing, what is put there is
/// lost.
Value member_object(const Value& value) { return value.truthy() ? value : Value(Object()); }

Result<Value> move_extensions(const Object& from, Value vscode) {
  const Value said = vscode.at("extensions");
  const auto* mine = from.find("extensions");
  PHOTON_TRY(auto both, concatenated(said.truthy() ? said : Value(List()), *mine));
  if (auto* members = vscode.object()) members->set("extensions", std::move(both));
  return vscode;
}

Value move_settings(const Object& from, Value vscode) {
  auto both = spread(*from.find("settings"));
  const Value said = vscode.at("settings");
  if (said.truthy())
    spread(said).each([&](const std::string& name, const Value& value) { both.set(name, value); });
  if (auto* members = vscode.object()) members->set("settings", std::move(both));
  return vscode;
}

Result<Value> move_old(Value config, bool with_port) {
  auto* members = config.object();
  if (!members) return config;
  auto truthy = [&](std::string_view name) { return config.at(name).truthy(); };
  const Value port = with_port ? config.at("devPort") : Value();
  if (!truthy("extensions") && !truthy("settings") && port.undefined()) return config;
  auto customizations = member_object(config.at("customizations"));
  auto vscode = member_object(customizations.at("vscode"));
  if (truthy("extensions")) {
    PHOTON_TRY(vscode, move_extensions(*members, std::move(vscode)));
    members->erase("extensions");
  }
  if (truthy("settings")) {
    vscode = move_settings(*members, std::move(vscode));
    members->erase("settings");
  }
  if (!port.undefined() && vscode.at("devPort").undefined()) {
    if (auto* own = vscode.object()) own->set("devPort", port);
    members->erase("devPort");
  }
  if (auto* tools = customizations.object()) tools->set("vscode", std::move(vscode));
  members->set("customizations", std::move(customizations));
  return config;
}

}  // namespace

Result<Value> concatenated(const Value& a, const Value& b) {
  if (const auto* text = a.text()) return Value(*text + b.to_text());
  const auto* list = a.list();
  if (!list) return type_error("concat is not a function");
  List both = *list;
  if (const auto* more = b.list())
    both.insert(both.end(), more->begin(), more->end());
  else
    both.push_back(b);
  return both;
}

Result<Value> move_old_properties(Value config) { return move_old(std::move(config), true); }
Result<Value> move_old_feature_properties(Value feature) { return move_old(std::move(feature), false); }

}  // namespace photon::spec::reference
