#include "images/firstboot/run.hpp"

#include <cstdlib>

#include "devenv/command/help.hpp"
#include "devenv/command/parser.hpp"
#include "devenv/core/terminal.hpp"
#include "images/firstboot/credentials.hpp"

namespace photon::first_boot {
namespace {

using command::Completes;

constexpr command::Option options[] = {
    {"--root", "", "DIR", "the system to set up, instead of the one that runs", false, Completes::folders},
    {"--credentials", "", "DIR", "where credentials lie, instead of where systemd puts them", false,
     Completes::folders},
};
constexpr command::Option common[] = {{"--help", "-h", "", "show this help"}};
constexpr command::Example examples[] = {
    {"photon-first-boot --root /mnt --credentials ./given", "set up a mounted system from files of your own"},
    {"photon-first-boot", "what the unit runs: the credentials of this boot"},
};

std::string credentials_folder() {
  // The service's own, which are the ones that its unit names; else those of the whole system.
  const char* given = std::getenv("CREDENTIALS_DIRECTORY");
  return given && *given ? given : "/run/credentials/@system";
}

Result<void> work(const command::Arguments& arguments, Journal& journal) {
  PHOTON_TRY(auto tree, Tree::open(arguments.text("--root", "/")));
  return apply_credentials(tree, arguments.text("--credentials", credentials_folder()), journal);
}

}  // namespace

const command::Program& program() {
  static const command::Program made{
      .name = "photon-first-boot",
      .common = common,
      .commands =
          {{"", "users, keys and settings that a machine is given when it starts", options, {}, examples}},
      .listers = {}};
  return made;
}

int run(std::vector<std::string> words) {
  auto report = [](const Error& error) {
    (void)write_all(2, render(program().name, error, look_at(2), false));
    return exit_status(error.kind);
  };
  const auto& row = program().commands.front();
  auto arguments = command::parse(program(), row, std::move(words));
  if (!arguments) return report(arguments.error());
  if (arguments->flag("--help")) return write_all(1, command::help_of(program(), row)) ? 0 : 1;
  Journal journal;
  auto done = work(*arguments, journal);
  return done ? 0 : report(done.error());
}

}  // namespace photon::first_boot
