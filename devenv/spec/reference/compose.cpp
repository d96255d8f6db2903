#include "devenv/spec/reference/compose.hpp"

#include "devenv/compose/compose.hpp"
#include "devenv/spec/reference/dockerfile.hpp"
#include "devenv/spec/reference/paths.hpp"
#include "devenv/spec/reference/text.hpp"

namespace photon::spec::reference {
namespace {

Result<std::vector<std::string>> files_of(const Value& config, const compose::Inputs& inputs) {
  const Value& said = config.at("dockerComposeFile");
  const auto folder = folder_of(config.at("configFilePath").at("path").to_text());
  std::vector<std::string> files;
  if (const auto* one = said.text()) files.push_back(resolved({folder, *one}));
  if (const auto* list = said.list())
    for (const auto& item : *list) {
      if (!item.text()) return type_error("The \"path\" argument must be of type string.");
      files.push_back(resolved({folder, *item.text()}));
    }
  if (files.empty()) return compose::default_files(inputs.local_folder, inputs);
  return files;
}

}  // namespace

Result<std::optional<std::string>> image_below(std::string_view dockerfile, const Value& arguments,
                                               const Value& target, const World& world) {
  const Value none = Object();
  return base_image(read_dockerfile(decoded(dockerfile)), arguments.truthy() ? arguments : none, target,
                    {{"BUILDPLATFORM", "linux/" + world.architecture},
                     {"BUILDOS", "linux"},
                     {"BUILDARCH", world.architecture},
                     {"TARGETPLATFORM", "linux/" + world.architecture},
                     {"TARGETOS", "linux"},
                     {"TARGETARCH", world.architecture}});
}

Result<std::optional<std::string>> service_image(const Value& config, const World& world) {
  compose::Inputs inputs;
  inputs.local_folder = world.working_folder;
  inputs.repository = "/";  // whoever asks reads with their own rights
  inputs.allow_unknown = true;
  inputs.read = world.read;
  inputs.environment = world.env;
  PHOTON_TRY(inputs.files, files_of(config, inputs));
  PHOTON_TRY(auto loaded, compose::load(inputs));
  for (const auto& warning : loaded.warnings)
    world.tell(warning.where.file.empty()
                   ? warning.message
                   : fmt::format("{}:{}:{}: {}", warning.where.file, warning.where.line, warning.where.column,
                                 warning.message));
  const auto name = config.at("service").to_text();
  const auto* service = loaded.project.find(name);
  if (service == nullptr)
    return fail(
        Kind::failed, "reference.service",
        fmt::format("Service '{}' configured in devcontainer.json not found in Docker Compose configuration.",
                    name));
  if (!service->build) return std::optional(service->image);
  PHOTON_TRY(auto bytes, world.read(service->build->dockerfile));
  if (!bytes)
    return fail(Kind::failed, "reference.dockerfile",
                fmt::format("Dockerfile ({}) not found.", service->build->dockerfile));
  Object arguments;
  for (const auto& [argument, value] : service->build->args) arguments.set(argument, value);
  const auto& target = service->build->target;
  return image_below(*bytes, arguments, target.empty() ? Value() : Value(target), world);
}

}  // namespace photon::spec::reference
