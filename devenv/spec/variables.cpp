#include "devenv/spec/variables.hpp"

#include <array>
#include <boost/json/object.hpp>

#include "devenv/core/digest.hpp"

namespace photon::spec {
namespace {

/// The text between ${ and }, cut at each colon.
struct Variable {
  std::string_view name;
  std::vector<std::string_view> arguments;
};

Variable take_apart(std::string_view body) {
  Variable variable;
  auto colon = body.find(':');
  variable.name = body.substr(0, colon);
  while (colon != body.npos) {
    body.remove_prefix(colon + 1);
    colon = body.find(':');
    variable.arguments.push_back(body.substr(0, colon));
  }
  return variable;
}

/// Calls `value` for each ${…} on one line; nullopt leaves it as it is. What comes back is not looked at
/// again.
template <class F>
Result<std::string> replace(std::string_view text, F value) {
  std::string out;
  for (;;) {
    auto open = text.find("${");
    auto end = open == text.npos ? text.npos : text.find_first_of("}\n", open + 2);
    if (end == text.npos) return out.append(text);
    if (text[end] == '\n') {
      out.append(text.substr(0, open + 2));
      text.remove_prefix(open + 2);
      continue;
    }
    out.append(text.substr(0, open));
    Result<std::optional<std::string>> replaced = value(take_apart(text.substr(open + 2, end - open - 2)));
    PHOTON_TRY(auto known, std::move(replaced));
    out.append(known ? std::string_view(*known) : text.substr(open, end + 1 - open));
    text.remove_prefix(end + 1);
  }
}

/// The variable's value or its default; a variable that is set but empty beats the default.
std::string or_default(const std::optional<std::string>& value, const Variable& variable) {
  if (value) return *value;
  return variable.arguments.size() > 1 ? std::string(variable.arguments[1]) : std::string();
}

std::optional<std::string> unless_empty(const std::string& text) {
  if (text.empty()) return std::nullopt;
  return text;
}

}  // namespace

std::string basename_of(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  return std::string(path.substr(path.rfind('/') + 1));
}

Result<std::string> substitute(const std::string& text, const Variables& variables) {
  return replace(text, [&](const Variable& variable) -> Result<std::optional<std::string>> {
    auto name = variable.name;
    if (name == "localEnv" || name == "env") {
      if (variable.arguments.empty())
        return fail(Kind::usage, "spec.variable", fmt::format("${{{}}} lacks the name of a variable", name),
                    fmt::format("${{{}:HOME}}, or with a default ${{{}:EDITOR:vi}}", name, name));
      if (!variables.local_env) return std::nullopt;
      return or_default(variables.local_env(std::string(variable.arguments[0])), variable);
    }
    if (name == "localWorkspaceFolder") return unless_empty(variables.local_folder);
    if (name == "localWorkspaceFolderBasename") return unless_empty(basename_of(variables.local_folder));
    if (name == "containerWorkspaceFolder") return unless_empty(variables.container_folder);
    if (name == "containerWorkspaceFolderBasename")
      return unless_empty(basename_of(variables.container_folder));
    if (name == "devcontainerId") return unless_empty(variables.id);
    return std::nullopt;
  });
}

Result<void> substitute(Node& node, const Variables& variables, const std::string& file) {
  if (node.type == Node::Type::text) {
    auto text = substitute(node.text, variables);
    if (!text) {
      text.error().where = node.place(file);
      return tl::unexpected(std::move(text.error()));
    }
    node.text = std::move(*text);
  }
  for (auto& item : node.items) PHOTON_CHECK(substitute(item, variables, file));
  return {};
}

std::string substitute_container(const std::string& text,
                                 const std::map<std::string, std::string>& environment) {
  auto replaced = replace(text, [&](const Variable& variable) -> Result<std::optional<std::string>> {
    if (variable.name != "containerEnv" || variable.arguments.empty()) return std::nullopt;
    auto found = environment.find(std::string(variable.arguments[0]));
    return or_default(found == environment.end() ? std::nullopt : std::optional(found->second), variable);
  });
  return std::move(*replaced);  // this pass has no error
}

std::string devcontainer_id(const std::map<std::string, std::string>& labels) {
  json::object sorted;
  for (const auto& [name, value] : labels) sorted[name] = value;
  auto hex = sha256_hex(write_json(sorted));
  // 256 bits as 52 digits of 5 bits; the first has one bit.
  std::array<char, 52> digits{};
  auto bit = [&](int index) {  // from the lowest
    if (index >= 256) return 0;
    char c = hex[static_cast<std::size_t>(63 - index / 4)];
    int nibble = c <= '9' ? c - '0' : c - 'a' + 10;
    return (nibble >> (index % 4)) & 1;
  };
  for (int place = 0; place < 52; ++place) {
    int digit = 0;
    for (int i = 0; i < 5; ++i) digit |= bit(place * 5 + i) << i;
    digits[static_cast<std::size_t>(51 - place)] = "0123456789abcdefghijklmnopqrstuv"[digit];
  }
  return {digits.data(), digits.size()};
}

}  // namespace photon::spec
