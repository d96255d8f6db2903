#include "images/firstboot/run.hpp"

#include <cstdlib>

#include "devenv/command/run.hpp"
#include "devenv/core/terminal.hpp"
#include "images/firstboot/commands.hpp"
#include "images/firstboot/credentials.hpp"
#include "images/firstboot/readers.hpp"
#include "images/firstboot/seed.hpp"

namespace photon::first_boot {
namespace {

using command::Completes;

constexpr command::Option options[] = {
    {"--root", "", "DIR", "the system to set up, instead of the one that runs", false, Completes::folders},
    {"--credentials", "", "DIR", "where credentials lie, instead of where systemd puts them", false,
     Completes::folders},
    {"--seed", "", "DIR", "do what the NoCloud seed in this folder asks for, and nothing else", false,
     Completes::folders},
    {"--mounted", "", "DIR", "the same of a disk that is mounted there for as long as it is read", false,
     Completes::folders},
    {"--local", "", "",
     "the same of seeds that the kernel's command line or the firmware name, or the image holds"},
    {"--commands", "", "", "run what a seed has laid down: bootcmd, runcmd, a script"},
    {"--check", "", "FILE", "say what of user-data, meta-data or network-config is wrong or not supported",
     true, Completes::files},
    {"--completion", "", "SHELL", "print the completion for bash, zsh or fish", false, Completes::words,
     "bash zsh fish"},
};
constexpr command::Option common[] = {{"--help", "-h", "", "show this help"}};
constexpr command::Example examples[] = {
    {"photon-first-boot --check user-data --check network-config", "before a machine is started with them"},
    {"photon-first-boot --root /mnt --seed ./seed", "set up a mounted system from a seed's files"},
    {"photon-first-boot", "what the unit runs: the credentials of this boot"},
};

std::string credentials_folder() {
  // The service's own, which are the ones that its unit names; else those of the whole system.
  const char* given = std::getenv("CREDENTIALS_DIRECTORY");
  return given && *given ? given : "/run/credentials/@system";
}

/// By the name of the file, as a seed has it; any other is user-data.
Result<void> check(const std::string& path) {
  PHOTON_TRY(auto text, read_file(path, 1 << 20));
  auto name = path.substr(path.rfind('/') + 1);
  Plan plan;
  auto read = name.starts_with("network-config") ? read_network_config(text, path, plan)
              : name.starts_with("meta-data")
                  ? read_meta_data(text, path, plan).transform([](const MetaData&) {})
                  : read_user_data(text, path, plan);
  for (const auto& error : plan.left_out)
    (void)write_all(2, render(program().name, error, look_at(2), false));
  PHOTON_CHECK(std::move(read));
  if (plan.left_out.empty()) return {};
  return fail(Kind::usage, "first-boot.check",
              fmt::format("{}: {} of its wishes would be left out", path, plan.left_out.size()));
}

Result<void> work(const command::Arguments& arguments, Journal& journal) {
  if (auto files = arguments.all("--check"); !files.empty()) {
    Result<void> first;
    for (const auto& file : files)
      if (auto done = check(file); !done && first) first = std::move(done);
    return first;
  }
  auto root = arguments.text("--root", "/");
  PHOTON_TRY(auto tree, Tree::open(root));
  if (arguments.flag("--commands")) return run_commands(tree, root, journal);
  if (arguments.flag("--mounted")) return apply_mounted(tree, arguments.text("--mounted"), journal);
  if (arguments.flag("--seed")) {
    PHOTON_TRY(auto seed, read_seed(arguments.text("--seed"), {}));
    return apply_seed(tree, seed, journal);
  }
  if (arguments.flag("--local")) return apply_local_seeds(tree, journal);
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
  return command::run_program(program(), std::move(words),
                              [](std::size_t, const command::Arguments& arguments) -> Result<int> {
                                Journal journal;
                                PHOTON_CHECK(work(arguments, journal));
                                return 0;
                              });
}

}  // namespace photon::first_boot
