#include "devenv/cli/commands/commands.hpp"
#include "devenv/core/name.hpp"

namespace photon::cli {
namespace {

constexpr Option options[] = {
    {"--image-name", "-n", "REFERENCE", "name of the image (devenv/FOLDER otherwise); may come several times",
     true, Completes::images},
    {"--config", "-c", "FILE", "devcontainer.json to use, or NAME of .devcontainer/NAME", false,
     Completes::files},
    {"--push", "", "", "give it to the registry of its name, with your login"},
    {"--no-cache", "", "", "build all of it anew"},
    {"--allow-unknown", "", "", "go on where the configuration has unknown properties"},
};
constexpr Positional positionals[] = {
    {"FOLDER", "the project; this folder otherwise", false, Completes::folders}};
constexpr Example examples[] = {
    {"devenv build", "image, features and metadata of this folder's devcontainer.json as one image"},
    {"devenv build --image-name registry.example.org/team/web:2 --push", "for everybody else's `image`"},
    {"devenv build web && devenv image export devenv/web web.tar", "as an archive"}};

Result<int> run(Context& context) {
  auto typed = context.arguments.positional(0);
  std::error_code error;
  auto folder = std::filesystem::canonical(typed.empty() ? "." : typed, error);
  if (error)
    return fail(Kind::not_found, "cli.source", fmt::format("there is no folder {}", shown(typed)),
                "name the folder of a project");
  Interrupt interrupt;
  PHOTON_TRY(auto* daemon, context.daemon());
  PHOTON_TRY(auto paths, user_paths());
  wire::Build request{.folder = folder.string(),
                      .config = context.arguments.text("--config"),
                      .allow_unknown = context.arguments.flag("--allow-unknown"),
                      .names = context.arguments.all("--image-name"),
                      .anew = context.arguments.flag("--no-cache"),
                      .push = context.arguments.flag("--push"),
                      .caller = client::this_caller(paths)};
  if (request.names.empty()) request.names = {"devenv/" + name_from(folder.filename().string())};
  PHOTON_TRY(auto operation, daemon->build(request));
  PHOTON_TRY(auto ended, follow(context, operation, interrupt));
  if (!ended.built) return fail(Kind::internal, "cli.build", "the daemon has built nothing");
  if (context.json()) PHOTON_CHECK(context.print_json(wire::to_json(*ended.built)));
  context.tell(fmt::format("\n  {}\n", harmless(ended.built->names.front())));
  return 0;
}

}  // namespace

extern const Command build_command{
    "build", "make one image of a folder's configuration", options, positionals, examples, run};

}  // namespace photon::cli
