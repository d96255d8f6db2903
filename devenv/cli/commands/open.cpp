#include <unistd.h>

#include "devenv/cli/commands/commands.hpp"
#include "devenv/cli/editors.hpp"
#include "devenv/cli/ssh_files.hpp"
#include "devenv/config/config.hpp"
#include "devenv/core/process.hpp"

#include <boost/json/value_from.hpp>

namespace photon::cli {
namespace {

constexpr Option options[] = {
    {"--with", "", "PROGRAM", "code, jetbrains, zed or browser (open.with of devenv config otherwise)", false,
     Completes::words, "code jetbrains zed browser"},
    {"--dry-run", "", "", "print the command line instead of running it"},
};
constexpr Example examples[] = {{"devenv open web --with code", "VS Code on web's workspace"},
                                {"devenv open --with browser --dry-run", "prints which page it would open"}};

/// Characters of a path that a URL must not hold.
std::string url_path(std::string_view path) {
  constexpr std::string_view safe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";
  std::string out;
  for (char c : path)
    out += safe.find(c) != std::string_view::npos ? std::string(1, c)
                                                  : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  return out;
}

Result<std::vector<std::string>> page(const wire::Environment& one) {
  for (const auto& port : one.ports)
    if (port.forwarded)
      return std::vector<std::string>{
          "xdg-open",
          fmt::format("{}://127.0.0.1:{}/", port.protocol == "https" ? "https" : "http", port.local)};
  return fail(Kind::not_found, "cli.no_port", fmt::format("{} has no port to open in a browser", one.name),
              fmt::format("devenv ports {} --publish PORT", one.name));
}

Result<std::vector<std::string>> line_for(const wire::Environment& one, std::string_view word,
                                          const std::string& name) {
  auto path = url_path(one.workspace);
  if (word == "browser") return page(one);
  if (word == "code")
    return std::vector<std::string>{name, "--folder-uri",
                                    fmt::format("vscode-remote://ssh-remote+{}.devenv{}", one.name, path)};
  if (word == "zed")
    return std::vector<std::string>{name, fmt::format("ssh://{0}@{0}.devenv{1}", one.name, path)};
  return std::vector<std::string>{
      name,
      fmt::format("jetbrains-gateway://connect#type=ssh&host={0}.devenv&port=22&user={0}&projectPath={1}",
                  one.name, path)};
}

Result<std::string> wanted_program(const Context& context) {
  if (context.arguments.flag("--with")) return context.arguments.text("--with");
  PHOTON_TRY(auto files, config::files(::geteuid() == 0));
  PHOTON_TRY(auto loaded, config::load(files));
  return loaded.config.open.with;
}

Result<std::pair<const Editor*, std::string>> choose(const std::string& wanted, bool dry) {
  for (const auto& program : editors()) {
    if (!wanted.empty() && program.word != wanted) continue;
    auto name = installed(program);
    if (name.empty() && dry && !wanted.empty()) name = program.names.front();
    if (!name.empty()) return std::pair(&program, name);
    if (!wanted.empty())
      return fail(Kind::not_found, "cli.editor", fmt::format("{} is not installed here", wanted),
                  std::string(program.install));
  }
  return fail(Kind::not_found, "cli.editor", "none of code, jetbrains, zed and xdg-open is installed here",
              "install one, or: devenv ssh");
}

Result<int> run(Context& context) {
  const bool dry = context.arguments.flag("--dry-run");
  PHOTON_TRY(auto wanted, wanted_program(context));
  PHOTON_TRY(auto chosen, choose(wanted, dry));
  PHOTON_TRY(auto one, environment(context, context.arguments.positional(0)));
  PHOTON_TRY(auto line, line_for(one, chosen.first->word, chosen.second));
  if (!dry && chosen.first->word != "browser" && !ssh_files_written())
    return fail(Kind::conflict, "cli.ssh_config", fmt::format("ssh does not know {}.devenv yet", one.name),
                "devenv ssh-config --write");
  if (!dry) {
    PHOTON_TRY(auto child, start({.argv = line, .new_session = true}));
  }
  if (context.json()) {
    PHOTON_CHECK(context.print_json(json::object{{"command", json::value_from(line)}, {"started", !dry}}));
  } else {
    PHOTON_CHECK(context.print(shell_line(line) + "\n"));
  }
  return 0;
}

}  // namespace

extern const Command open_command{
    "open", "open an environment in an editor or browser", options, name_positional, examples, run};

}  // namespace photon::cli
