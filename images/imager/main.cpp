#include <signal.h>

#include "devenv/command/run.hpp"
#include "images/imager/commands/commands.hpp"
#include "images/imager/namespace.hpp"

int main(int argc, char** argv) {
  using namespace photon::images;
  ::signal(SIGPIPE, SIG_IGN);  // a write fails instead, and says so
  return photon::command::run_program(
      program(), {argv + 1, argv + argc},
      [&](std::size_t index, photon::command::Arguments arguments) -> photon::Result<int> {
        // Words that are wrong have been said by now, and help has been given.
        if (commands()[index] == &build_command) {
          PHOTON_CHECK(become_root(argv));
          leave_settings();
        }
        Context context(std::move(arguments));
        return commands()[index]->run(context);
      });
}
