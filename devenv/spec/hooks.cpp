#include <array>

#include "devenv/spec/reader.hpp"

namespace photon::spec {
namespace {

constexpr std::array<std::string_view, 6> names{"initializeCommand",    "onCreateCommand",
                                                "updateContentCommand", "postCreateCommand",
                                                "postStartCommand",     "postAttachCommand"};
constexpr auto expected = "a text, a list of texts, or an object of those";

/// nullopt: nothing to run ("" or []).
Result<std::optional<Hook>> command(const Node& node, std::string_view property, const Reading& reading) {
  Hook hook;
  if (node.type == Node::Type::text) {
    if (node.text.empty()) return std::nullopt;
    hook.shell = node.text;
    return hook;
  }
  if (node.type != Node::Type::list)
    return reading.wrong(node, property, expected, fmt::format(R"("{}": "npm ci")", property));
  PHOTON_TRY(hook.argv, reading.texts(node, property));
  if (hook.argv.empty()) return std::nullopt;
  if (hook.argv[0].empty()) return reading.wrong(node, property, "a list whose first text names a program");
  return hook;
}

}  // namespace

std::string_view property_of(Stage stage) { return names[static_cast<std::size_t>(stage)]; }

std::optional<Stage> stage_of(std::string_view property) {
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == property) return static_cast<Stage>(i);
  return std::nullopt;
}

Result<std::vector<Hooks>> hooks_of(const Node& node, std::string_view property, const Reading& reading) {
  Hooks hooks;
  if (node.type == Node::Type::object) {
    for (std::size_t i = 0; i < node.keys.size(); ++i) {
      PHOTON_TRY(auto hook, command(node.items[i], property, reading));
      if (!hook) continue;
      hook->name = node.keys[i].name;
      hooks.push_back(std::move(*hook));
    }
  } else {
    PHOTON_TRY(auto hook, command(node, property, reading));
    if (hook) hooks.push_back(std::move(*hook));
  }
  if (hooks.empty()) return std::vector<Hooks>();
  return std::vector<Hooks>{std::move(hooks)};
}

}  // namespace photon::spec
