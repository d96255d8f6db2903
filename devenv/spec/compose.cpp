// "dockerComposeFile", "service" and "runServices": a project of several containers, one of which is the
// environment. What the files themselves say is read by devenv/compose.
#include <filesystem>

#include "devenv/spec/reader.hpp"

namespace photon::spec {
namespace {

namespace fs = std::filesystem;

Compose& compose_of(Plan& plan) {
  if (!plan.compose) plan.compose.emplace();
  return *plan.compose;
}

/// What has no meaning for a project.
void warn_of_idle(const Node& root, const Reading& reading) {
  constexpr std::pair<std::string_view, std::string_view> idle[] = {
      {"workspaceMount", "the service's \"volumes\" mount the sources"},
      {"runArgs", "the compose file says how the service runs"},
      {"appPort", "\"ports\" of the service, or \"forwardPorts\""}};
  for (const auto& [name, hint] : idle)
    if (const auto* node = root.find(name))
      reading.warn(*node, fmt::format("\"{}\" has no effect beside \"dockerComposeFile\"", name),
                   std::string(hint));
}

}  // namespace

Result<void> read_compose_file(const Node& node, const Reading& reading, Plan& plan) {
  auto& compose = compose_of(plan);
  if (node.type == Node::Type::text) {
    compose.files = {node.text};
    return {};
  }
  PHOTON_TRY(compose.files, reading.texts(node, "dockerComposeFile"));
  return {};
}

Result<void> read_service(const Node& node, const Reading& reading, Plan& plan) {
  PHOTON_TRY(compose_of(plan).service, reading.text(node, "service"));
  return {};
}

Result<void> read_run_services(const Node& node, const Reading& reading, Plan& plan) {
  PHOTON_TRY(compose_of(plan).run_services, reading.texts(node, "runServices"));
  return {};
}

Result<void> settle_compose(const Node& root, const std::string& config, const Reading& reading, Plan& plan) {
  if (!plan.compose) return {};
  auto& compose = *plan.compose;
  const auto* files = root.find("dockerComposeFile");
  if (files == nullptr) {
    const auto* service = root.find("service");
    reading.warn(service != nullptr ? *service : *root.find("runServices"),
                 "\"service\" and \"runServices\" have no effect without \"dockerComposeFile\"");
    plan.compose.reset();
    return {};
  }
  for (const char* other : {"image", "build", "dockerFile"})
    if (const auto* node = root.find(other))
      return fail_at(node->place(reading.file), Kind::usage, "spec.compose",
                     fmt::format("\"{}\" and \"dockerComposeFile\" exclude each other", other),
                     "the service's own \"image\" or \"build\" counts; keep one of them");
  if (compose.service.empty())
    return fail_at(files->place(reading.file), Kind::usage, "spec.compose",
                   "\"dockerComposeFile\" needs a \"service\"",
                   "name the one that is the environment: \"service\": \"app\"");
  for (auto& file : compose.files) {
    if (file.empty()) return reading.wrong(*files, "dockerComposeFile", "names of files", R"("compose.yml")");
    file = (fs::path(config).parent_path() / file).lexically_normal().string();
  }
  const auto* service = root.find("service");
  compose.where = (service != nullptr ? service : files)->place(reading.file);
  warn_of_idle(root, reading);
  plan.run_args.clear();
  plan.app_ports.clear();
  // The service's own command runs, unless the file asks for another way.
  if (!plan.said.contains("overrideCommand")) plan.override_command = false;
  return {};
}

}  // namespace photon::spec
