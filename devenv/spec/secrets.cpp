#include "devenv/core/name.hpp"
#include "devenv/spec/reader.hpp"

namespace photon::spec {
namespace {

constexpr auto example = R"({"TOKEN": {"description": "…", "documentationUrl": "https://…"}})";

/// As the schema has it. A shell has no other names, and a name is shown on a terminal before anybody agrees
/// to it.
bool names_variable(std::string_view name) {
  auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return !name.empty() && name.size() <= 256 && letter(name[0]) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return letter(c) || digit(c); });
}

Result<void> read_one(const Node& node, const Reading& reading, DeclaredSecret& secret) {
  if (node.type != Node::Type::object) return reading.wrong(node, "secrets", "an object of objects", example);
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const auto& name = node.keys[i].name;
    if (name == "description") {
      PHOTON_TRY(secret.description, reading.text(node.items[i], name));
    } else if (name == "documentationUrl") {
      PHOTON_TRY(secret.documentation_url, reading.text(node.items[i], name));
    } else {
      reading.warn(node.items[i], fmt::format("\"secrets\": \"{}\" is not understood", shown(name)), example);
    }
  }
  return {};
}

}  // namespace

Result<void> read_secrets(const Node& node, const Reading& reading, Plan& plan) {
  if (node.type != Node::Type::object) return reading.wrong(node, "secrets", "an object of objects", example);
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const auto& key = node.keys[i];
    if (!names_variable(key.name))
      return fail_at({reading.file, key.line, key.column}, Kind::usage, "spec.type",
                     fmt::format("\"{}\" cannot name a secret", shown(key.name)),
                     "a name is of letters, digits and '_', and begins with no digit");
    DeclaredSecret secret{.name = key.name};
    PHOTON_CHECK(read_one(node.items[i], reading, secret));
    plan.secrets.push_back(std::move(secret));
  }
  return {};
}

}  // namespace photon::spec
