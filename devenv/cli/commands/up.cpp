#include "devenv/cli/commands/commands.hpp"
#include "devenv/cli/editors.hpp"
#include "devenv/cli/secrets.hpp"
#include "devenv/cli/sources.hpp"
#include "devenv/cli/ssh_files.hpp"

namespace photon::cli {
namespace {

constexpr Option options[] = {
    {"--name", "-n", "NAME", "name of the environment (from the repository otherwise)"},
    {"--config", "-c", "FILE",
     "devcontainer.json to use, below the repository, or NAME of .devcontainer/NAME", false,
     Completes::files},
    {"--allow-unknown", "", "", "go on where the configuration has unknown properties"},
    {"--recreate", "", "", "make the container anew even if nothing has changed"},
    {"--skip-hooks", "", "", "run no lifecycle command"},
    {"--secrets-file", "", "FILE", R"(JSON: {"NAME": "value"}, secrets for what runs inside)", false,
     Completes::files},
    {"--trust", "", "", "let a cloned repository act outside of its container, without asking"},
};
constexpr Positional positionals[] = {{"SOURCE",
                                       "URL (#branch, #commit), folder or environment; this folder otherwise",
                                       false, Completes::folders}};
constexpr Example examples[] = {
    {"devenv up https://git.example.org/acme/web", "clones, builds and starts it; then: ssh web.devenv"},
    {"devenv up --name fix https://git.example.org/acme/web#fix-42", "a branch, under a name of its own"},
    {"devenv up", "the project of this folder"},
};

Result<wire::Operation> bring_up(Context& context, wire::Up request, Interrupt& interrupt) {
  PHOTON_TRY(auto* daemon, context.daemon());
  while (true) {
    PHOTON_TRY(auto operation, daemon->up(request));
    auto ended = follow(context, operation, interrupt, request.source);
    if (ended || context.json()) return ended;
    // Each is asked once: what was answered is in the request.
    if (ended.error().code == "environment.secrets" && request.secrets == "asked") {
      PHOTON_TRY(auto answers, ask_for_secrets(ended.error()));
      request.hooks.secrets.merge(answers);
      request.secrets = "told";
    } else if (ended.error().code == "environment.trust" && !request.trust) {
      PHOTON_CHECK(agree(ended.error(), "the clone is kept: devenv rm deletes it"));
      request.trust = true;
    } else {
      return ended;
    }
  }
}

void say_ready(Context& context, const wire::Environment& made, double seconds) {
  const auto look = look_at(2);
  std::string out = fmt::format("\n  {} ({})\n", toned(made.name + " is ready", Tone::strong, look),
                                duration_words(seconds));
  out += ssh_files_written() ? fmt::format("    ssh {}.devenv\n", made.name)
                             : fmt::format("    devenv ssh {}\n", made.name);
  for (const auto& editor : editors())
    if (editor.word != "browser" && !installed(editor).empty()) {
      out += fmt::format("    devenv open {} --with {}\n", made.name, editor.word);
      break;
    }
  for (const auto& port : made.ports)
    if (port.forwarded)
      out += fmt::format("    {}://127.0.0.1:{}   port {}{}\n", port.protocol == "https" ? "https" : "http",
                         port.local,
                         (port.host.empty() ? "" : harmless(port.host) + ":") + std::to_string(port.port),
                         port.label.empty() ? "" : fmt::format(", \"{}\"", harmless(port.label)));
  context.tell(out);
}

Result<int> run(Context& context) {
  const auto begun = std::chrono::steady_clock::now();
  PHOTON_TRY(auto source, source_of(context, context.arguments.positional(0)));
  Interrupt interrupt;
  PHOTON_TRY(auto* daemon, context.daemon());
  PHOTON_TRY(auto paths, user_paths());
  PHOTON_CHECK(client::own_key(paths));
  wire::Up request{.source = source.text,
                   .name = context.arguments.text("--name", source.name),
                   .config = context.arguments.text("--config"),
                   .allow_unknown = context.arguments.flag("--allow-unknown"),
                   .recreate = context.arguments.flag("--recreate"),
                   .skip_hooks = context.arguments.flag("--skip-hooks"),
                   .trust = context.arguments.flag("--trust"),
                   .secrets = at_terminal() && !context.json() ? "asked" : "told",
                   .caller = client::this_caller(paths)};
  if (auto file = context.arguments.text("--secrets-file"); !file.empty()) {
    PHOTON_TRY(request.hooks.secrets, secrets_from(file));
  }
  PHOTON_TRY(auto ended, bring_up(context, std::move(request), interrupt));
  if (!ended.result) {
    PHOTON_TRY(ended.result, daemon->environment(ended.environment));
  }
  PHOTON_CHECK(add_to_ssh_files(context, ended.result->name));
  if (context.json()) {
    PHOTON_TRY(auto now, daemon->environment(ended.result->name));
    PHOTON_CHECK(context.print_json(wire::to_json(now)));
  }
  say_ready(context, *ended.result,
            std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count());
  return 0;
}

}  // namespace

extern const Command up_command{
    "up", "make or start the environment of a repository", options, positionals, examples, run};

}  // namespace photon::cli
