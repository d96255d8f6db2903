// An image of a folder's configuration, in the engine's store and where it was asked to be.
#include "devenv/core/digest.hpp"
#include "devenv/core/fd.hpp"
#include "devenv/core/name.hpp"
#include "devenv/devcontainer/container_commands.hpp"
#include "devenv/devcontainer/face.hpp"
#include "devenv/devcontainer/image_name.hpp"
#include "devenv/devcontainer/machine.hpp"
#include "devenv/spec/reference/paths.hpp"
#include "devenv/spec/reference/text.hpp"
#include "devenv/spec/reference/tolerant.hpp"

namespace photon::devcontainer {
namespace {

using spec::reference::List;
using spec::reference::Object;
using spec::reference::Value;
using spec::reference::World;

constexpr std::string_view description = "An error occurred building the container.";

tl::unexpected<Error> cannot_output(const std::string& output) {
  return fail(Kind::usage, "reference.output",
              fmt::format("--output {} is what only buildx can do", shown(output, 200)),
              "type=docker is the usual place; type=oci,dest=FILE writes an archive, too; --push pushes");
}

/// The archive's path; "" = the engine's store alone.
Result<std::string> archive_of(const ContainerOptions& options, const World& world) {
  const auto& output = options.output;
  if (output.empty()) return std::string();
  if (options.push) return fail(Kind::usage, "reference.output", "--push true cannot be used with --output.");
  std::string type;
  std::string to;
  for (std::string_view left = output; !left.empty();) {
    auto part = left.substr(0, left.find(','));
    left.remove_prefix(std::min(part.size() + 1, left.size()));
    if (part.starts_with("type="))
      type = part.substr(5);
    else if (part.starts_with("dest=") && part.size() > 5)
      to = part.substr(5);
    else
      return cannot_output(output);
  }
  if (type != "docker" && type != "oci" && !(type == "image" && to.empty())) return cannot_output(output);
  if (type == "oci" && to.empty()) return cannot_output(output);
  return to.empty() || to == "-" ? Result<std::string>(to)
                                 : spec::reference::resolved({world.working_folder, to});
}

Result<bool> has_dockerfile(const std::string& configuration, const Target& target, const World& world) {
  auto text = configuration;
  if (text.empty()) {
    PHOTON_TRY(auto bytes, world.read(target.place->path));
    text = spec::reference::decoded(bytes.value_or(""));
  }
  PHOTON_TRY(auto parsed, spec::reference::parse_tolerant(text));
  const auto* said = parsed.value.object();
  const auto* build = said ? said->find("build") : nullptr;
  return said &&
         (said->has("dockerFile") || (build && build->object() && build->object()->has("dockerfile")));
}

Result<Value> make(ContainerOptions& options, Log& log) {
  PHOTON_TRY(auto world, this_machine({}, log));
  PHOTON_CHECK(check_name(options.read.config, world));
  PHOTON_TRY(auto target, find_target(options.read, world));
  if (target.folder.empty() || !target.place)
    return fail(Kind::failed, "reference.workspace", "No dev container config and no workspace found.",
                "--workspace-folder names one");
  PHOTON_TRY(auto archive, archive_of(options, world));
  if (archive == "-") return cannot_output(options.output);
  PHOTON_TRY(auto paths, find_paths(::geteuid() == 0));
  wire::Build request{.folder = target.folder,
                      .config = target.place->path,
                      .allow_unknown = true,  // as the reference does; each is told
                      .lock = options.lock,
                      .names = options.image_names,
                      .labels = options.labels,
                      .platform = options.platform,
                      .anew = options.anew,
                      .leave_out_customizations = options.leave_out_customizations,
                      .push = options.push,
                      .caller = client::this_caller(paths)};
  PHOTON_TRY(request.configuration, effective_configuration(options, target, world));
  if (request.names.empty()) {
    PHOTON_TRY(bool dockerfile, has_dockerfile(request.configuration, target, world));
    request.names = {folder_image_name(target.folder) + (dockerfile ? "" : "-features")};
  }
  PHOTON_TRY(auto daemon, client::Client::open(true));
  PHOTON_TRY(auto operation, daemon.build(request));
  PHOTON_CHECK(follow(daemon, operation, log));
  if (!archive.empty()) {
    PHOTON_TRY(operation, daemon.export_image({.path = archive, .name = request.names.front()}));
    PHOTON_CHECK(follow(daemon, operation, log));
  }
  Object answer;
  answer.set("outcome", "success");
  answer.set("imageName", List(request.names.begin(), request.names.end()));
  answer.set("ociAuthDiagnostics", spec::reference::no_login_findings());
  return Value(std::move(answer));
}

}  // namespace

int build(const std::vector<std::string>& words) {
  ContainerOptions options;
  if (auto status = take_words(ContainerCommand::build, words, options)) return *status;
  Log log(options.log, log_header());
  tell_without_effect(options.without_effect, log);
  auto answer = make(options, log);
  if (!answer) return end_with(answer.error(), description, {}, log);
  auto written = write_all(1, spec::reference::write(*answer) + "\n");
  return written ? 0 : fault(log, written.error());
}

}  // namespace photon::devcontainer
