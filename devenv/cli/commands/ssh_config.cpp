#include "devenv/cli/commands/commands.hpp"
#include "devenv/cli/ssh_files.hpp"

namespace photon::cli {
namespace {

constexpr Option options[] = {
    {"--write", "", "", "write it, and include it in ~/.ssh/config; up and rm then keep it true"},
    {"--remove", "", "", "take back what --write did"},
};
constexpr Example examples[] = {
    {"devenv ssh-config --write", "from now on: ssh web.devenv, scp, rsync, editors"},
    {"devenv ssh-config", "only prints what would be written"}};

Result<int> run(Context& context) {
  if (context.arguments.flag("--write") && context.arguments.flag("--remove"))
    return fail(Kind::usage, "cli.usage", "--write and --remove exclude each other");
  PHOTON_TRY(auto files, ssh_files());
  if (context.arguments.flag("--remove")) {
    PHOTON_CHECK(remove_ssh_files());
    context.tell(fmt::format("removed from {}\n", files.user_config));
  } else if (context.arguments.flag("--write")) {
    PHOTON_CHECK(write_ssh_files(context));
    context.tell(
        fmt::format("wrote {}, included by {}\n  ssh NAME.devenv\n", files.include, files.user_config));
  } else {
    PHOTON_TRY(auto* daemon, context.daemon());
    PHOTON_TRY(auto all, daemon->environments());
    auto text = ssh_config_text(files, all, own_program());
    if (!context.json()) PHOTON_CHECK(context.print(text));
  }
  if (context.json()) {
    PHOTON_CHECK(context.print_json(json::object{{"include", files.include},
                                                 {"known_hosts", files.known_hosts},
                                                 {"user_config", files.user_config},
                                                 {"written", ssh_files_written()}}));
  }
  return 0;
}

}  // namespace

extern const Command ssh_config_command{
    "ssh-config", "let ssh NAME.devenv, scp, rsync and editors find environments", options, {}, examples,
    run};

}  // namespace photon::cli
