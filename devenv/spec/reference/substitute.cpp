#include "devenv/spec/reference/substitute.hpp"

#include "devenv/spec/reference/paths.hpp"
#include "devenv/spec/variables.hpp"

namespace photon::spec::reference {
namespace {

/// Where `${` closes on the same line: the place of its '}', or npos.
std::size_t end_of_variable(std::string_view text, std::size_t open) {
  for (auto at = open + 2; at < text.size(); ++at) {
    if (text[at] == '}') return at;
    if (text[at] == '\n' || text[at] == '\r') break;
    auto three = text.substr(at, 3);  // the two line ends of JavaScript beyond ASCII
    if (three == "\xe2\x80\xa8" || three == "\xe2\x80\xa9") break;
  }
  return std::string_view::npos;
}

std::vector<std::string_view> cut_at_colons(std::string_view body) {
  std::vector<std::string_view> parts;
  for (;;) {
    auto colon = body.find(':');
    parts.push_back(body.substr(0, colon));
    if (colon == body.npos) return parts;
    body.remove_prefix(colon + 1);
  }
}

/// A value that is set but empty beats the default; of the default nothing behind its colon counts.
Result<std::optional<std::string>> look_up(const Lookup& known, std::string_view variable,
                                           std::span<const std::string_view> arguments,
                                           const std::string& config_name) {
  if (arguments.empty())
    return fail(Kind::failed, "reference.variable",
                fmt::format("'${{{}}}'{} can not be resolved because no environment variable name is given.",
                            variable, config_name.empty() ? "" : " in " + config_name));
  if (auto value = known(std::string(arguments[0]))) return value;
  return std::string(arguments.size() > 1 ? arguments[1] : std::string_view());
}

Result<std::optional<std::string>> local_value(const LocalContext& context, std::string_view variable,
                                               std::span<const std::string_view> arguments) {
  using Answer = std::optional<std::string>;
  if (variable == "env" || variable == "localEnv")
    return look_up(context.env, variable, arguments, context.config_name);
  const auto& local = context.local_folder;
  if (variable == "localWorkspaceFolder") return local;
  if (variable == "localWorkspaceFolderBasename") return local ? Answer(base_name(*local)) : Answer();
  const auto* inside = context.container_folder.text();
  if (variable == "containerWorkspaceFolder") return inside ? Answer(*inside) : Answer();
  if (variable == "containerWorkspaceFolderBasename") return inside ? Answer(base_name(*inside)) : Answer();
  return Answer();
}

}  // namespace

Result<std::string> substitute_text(std::string_view text, const Pass& pass) {
  std::string out;
  for (;;) {
    auto open = text.find("${");
    if (open == text.npos) return out.append(text);
    auto end = end_of_variable(text, open);
    if (end == text.npos) {
      out.append(text.substr(0, open + 1));
      text.remove_prefix(open + 1);
      continue;
    }
    out.append(text.substr(0, open));
    auto parts = cut_at_colons(text.substr(open + 2, end - open - 2));
    PHOTON_TRY(auto known, pass(parts[0], std::span(parts).subspan(1)));
    out.append(known ? std::string_view(*known) : text.substr(open, end + 1 - open));
    text.remove_prefix(end + 1);
  }
}

Result<Value> substitute(const Value& value, const Pass& pass) {
  if (const auto* text = value.text()) {
    PHOTON_TRY(auto done, substitute_text(*text, pass));
    return Value(std::move(done));
  }
  if (const auto* list = value.list()) {
    List made;
    for (const auto& item : *list) {
      PHOTON_TRY(auto done, substitute(item, pass));
      made.push_back(std::move(done));
    }
    return made;
  }
  const auto* object = value.object();
  if (!object) return value;
  Object made;
  Result<void> failed;
  object->each([&](const std::string& name, const Value& member) {
    if (!failed) return;
    auto done = substitute(member, pass);
    if (done)
      made.set(name, std::move(*done));
    else
      failed = tl::unexpected(std::move(done.error()));
  });
  PHOTON_CHECK(std::move(failed));
  return made;
}

Result<Value> substitute(Value value, std::span<const Pass> passes) {
  for (const auto& pass : passes) {
    PHOTON_TRY(value, substitute(value, pass));
  }
  return value;
}

Result<Pass> local_pass(LocalContext context) {
  if (context.container_folder.truthy()) {
    const auto* folder = context.container_folder.text();
    if (!folder) return type_error("value.replace is not a function");
    auto pass = [&](std::string_view variable, std::span<const std::string_view> arguments) {
      return local_value(context, variable, arguments);
    };
    PHOTON_TRY(auto resolved_folder, substitute_text(*folder, pass));
    context.container_folder = std::move(resolved_folder);
  }
  return
      [context = std::move(context)](std::string_view variable, std::span<const std::string_view> arguments) {
        return local_value(context, variable, arguments);
      };
}

Pass id_pass(const Texts& labels) {
  return [id = devcontainer_id(labels)](
             std::string_view variable,
             std::span<const std::string_view>) -> Result<std::optional<std::string>> {
    if (variable != "devcontainerId") return std::optional<std::string>();
    return std::optional(id);
  };
}

Pass container_pass(Texts environment, std::string config_name) {
  return [environment = std::move(environment), config_name = std::move(config_name)](
             std::string_view variable,
             std::span<const std::string_view> arguments) -> Result<std::optional<std::string>> {
    if (variable != "containerEnv") return std::optional<std::string>();
    auto known = [&](const std::string& name) -> std::optional<std::string> {
      auto found = environment.find(name);
      return found == environment.end() ? std::nullopt : std::optional(found->second);
    };
    return look_up(known, variable, arguments, config_name);
  };
}

}  // namespace photon::spec::reference
