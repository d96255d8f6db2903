#include "devenv/feature/metadata.hpp"

#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "devenv/core/name.hpp"
#include "devenv/spec/reader.hpp"

namespace photon::feature {
namespace {

using spec::Node;

/// What of a feature is merged below the file, by the rules of the image's label.
constexpr std::array<std::string_view, 12> merged{"init",
                                                  "privileged",
                                                  "capAdd",
                                                  "securityOpt",
                                                  "entrypoint",
                                                  "mounts",
                                                  "customizations",
                                                  "onCreateCommand",
                                                  "updateContentCommand",
                                                  "postCreateCommand",
                                                  "postStartCommand",
                                                  "postAttachCommand"};

class Reader {
 public:
  Reader(const Node& root, const std::string& file)
      : root_(root), reading_{file, true, false, {}, &warnings_} {}

  Result<Metadata> read() {
    PHOTON_TRY(metadata_.id, required("id"));
    if (metadata_.id.find('/') != std::string::npos)
      return reading_.wrong(*root_.find("id"), "id", "a name without slashes");
    PHOTON_CHECK(texts());
    PHOTON_CHECK(options());
    PHOTON_CHECK(container_env());
    if (const auto* needed = root_.find("dependsOn")) {
      PHOTON_TRY(metadata_.depends_on, spec::features_of(*needed, "dependsOn", reading_));
    }
    entry();
    return std::move(metadata_);
  }

 private:
  Result<std::string> required(std::string_view name) {
    const auto* node = root_.find(name);
    if (!node) return reading_.wrong(root_, name, "there", fmt::format(R"("{}": "tools")", name));
    PHOTON_TRY(auto text, reading_.text(*node, name));
    if (text.empty()) return reading_.wrong(*node, name, "a text that is not empty");
    return text;
  }

  Result<void> optional(std::string_view name, std::string& to) {
    if (const auto* node = root_.find(name)) {
      PHOTON_TRY(to, reading_.text(*node, name));
    }
    return {};
  }

  Result<void> list(std::string_view name, std::vector<std::string>& to) {
    if (const auto* node = root_.find(name)) {
      PHOTON_TRY(to, reading_.texts(*node, name));
    }
    return {};
  }

  Result<void> texts() {
    PHOTON_CHECK(optional("version", metadata_.version));
    PHOTON_CHECK(optional("name", metadata_.name));
    PHOTON_CHECK(optional("currentId", metadata_.current_id));
    PHOTON_CHECK(list("legacyIds", metadata_.legacy_ids));
    PHOTON_CHECK(list("installsAfter", metadata_.installs_after));
    if (const auto* node = root_.find("deprecated")) {
      PHOTON_TRY(metadata_.deprecated, reading_.flag(*node, "deprecated"));
    }
    return {};
  }

  static std::optional<std::string> plain(const Node& node) {
    if (node.type == Node::Type::flag) return node.flag ? "true" : "false";
    if (node.type == Node::Type::text || node.type == Node::Type::number) return node.text;
    return std::nullopt;
  }

  Result<Option> option(const Node& node) {
    constexpr auto example = R"({"version": {"type": "string", "default": "latest"}})";
    if (node.type != Node::Type::object)
      return reading_.wrong(node, "options", "an object of options", example);
    Option option;
    if (const auto* type = node.find("type")) {
      constexpr std::array<std::string_view, 2> types{"string", "boolean"};
      PHOTON_TRY(auto word, reading_.one_of(*type, "type", types));
      option.flag = word == "boolean";
    }
    if (const auto* fallback = node.find("default"); fallback && fallback->type != Node::Type::null) {
      option.fallback = plain(*fallback);
      if (!option.fallback) return reading_.wrong(*fallback, "default", "a text, true or false");
    }
    if (const auto* allowed = node.find("enum")) {
      PHOTON_TRY(option.allowed, reading_.texts(*allowed, "enum"));
    }
    return option;
  }

  Result<void> options() {
    const auto* node = root_.find("options");
    if (!node) return {};
    if (node->type != Node::Type::object) return reading_.wrong(*node, "options", "an object of options");
    for (std::size_t i = 0; i < node->keys.size(); ++i) {
      PHOTON_TRY(metadata_.options[node->keys[i].name], option(node->items[i]));
    }
    return {};
  }

  Result<void> container_env() {
    const auto* node = root_.find("containerEnv");
    if (!node) return {};
    constexpr auto expected = "an object of texts";
    if (node->type != Node::Type::object) return reading_.wrong(*node, "containerEnv", expected);
    for (std::size_t i = 0; i < node->keys.size(); ++i) {
      auto value = plain(node->items[i]);
      const auto& name = node->keys[i].name;
      if (!value || name.empty() || name.find_first_of("=\n ") != name.npos)
        return reading_.wrong(node->items[i], "containerEnv", expected, R"({"GOPATH": "/go"})");
      metadata_.container_env.emplace_back(name, std::move(*value));
    }
    return {};
  }

  /// Features of before "customizations" said what they mean for VS Code at the top.
  void old_customizations(json::object& out) {
    json::object code;
    for (std::string_view name : {"extensions", "settings"})
      if (const auto* node = root_.find(name)) code[name] = spec::to_json(*node);
    if (code.empty()) return;
    auto& all = out["customizations"];
    if (!all.is_object()) all = json::object();
    auto& kept = all.as_object()["vscode"];
    if (kept.is_null()) kept = std::move(code);
  }

  void entry() {
    json::object out;
    for (auto name : merged)
      if (const auto* node = root_.find(name)) out[name] = spec::to_json(*node);
    old_customizations(out);
    if (!out.empty()) metadata_.entry = write_json(out);
  }

  const Node& root_;
  std::vector<spec::Warning> warnings_;
  spec::Reading reading_;
  Metadata metadata_;
};

}  // namespace

Result<Metadata> parse_metadata(std::string_view text, const std::string& file) {
  PHOTON_TRY(auto root, spec::scan(text, file));
  if (root.type != Node::Type::object)
    return fail_at(root.place(file), Kind::usage, "feature.metadata", "the file must hold an object",
                   R"(the least is {"id": "tools", "version": "1.0.0"})");
  return Reader(root, file).read();
}

}  // namespace photon::feature
