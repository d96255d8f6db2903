// devenv-gateway: the SSH server of one connection, started by devenvd for each, without rights of its own.
#include <signal.h>
#include <unistd.h>

#include "devenv/core/log.hpp"
#include "devenv/gateway/read_ahead.hpp"
#include "devenv/gateway/rights.hpp"
#include "devenv/gateway/server.hpp"

namespace {

using namespace photon;

Result<void> serve(const std::vector<std::string>& words) {
  PHOTON_TRY(auto options, gateway::read_options(words));
  Fd key_file(options.host_key);
  ::lseek(key_file.get(), 0, SEEK_SET);  // a memfd stands at its end
  PHOTON_TRY(auto text, read_all(key_file.get(), 1 << 16));
  Secret host_key(std::move(text));
  key_file.reset();
  PHOTON_CHECK(gateway::drop_rights());
  gateway::read_ahead(options.connection);
  gateway::Server server(options, inside::Broker(Fd(options.broker)));
  return server.run(host_key);
}

}  // namespace

int main(int count, char** words) {
  ::signal(SIGPIPE, SIG_IGN);
  log::open("devenv-gateway", log::Level::info);
  if (ssh_init() != SSH_OK) return 70;
  auto done = serve({words + 1, words + count});
  if (!done && done.error().kind != Kind::cancelled) log::info(sentence(done.error()));
  // A thread may still wait for a far host; it has nothing that must be put in order.
  ::_exit(done ? 0 : exit_status(done.error().kind));
}
