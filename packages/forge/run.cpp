#include "packages/forge/run.hpp"

#include "devenv/command/run.hpp"
#include "packages/forge/commands/commands.hpp"

namespace photon::forge {

int run(std::vector<std::string> words) {
  return command::run_program(program(), std::move(words),
                              [](std::size_t index, command::Arguments arguments) {
                                Context context(std::move(arguments));
                                return commands()[index]->run(context);
                              });
}

}  // namespace photon::forge
