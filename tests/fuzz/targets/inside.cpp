// What arrives at an environment's init, and what a hostile one answers.
#include <sys/socket.h>

#include "devenv/core/json.hpp"
#include "devenv/inside/broker.hpp"
#include "devenv/inside/init/requests.hpp"
#include "devenv/inside/init/users.hpp"
#include "tests/fuzz/input_file.hpp"

namespace photon::fuzz {
namespace {

/// A connection on which the lines of the input have been sent as messages, and the end.
Fd answering(std::string_view input) {
  auto pair = make_socketpair(SOCK_SEQPACKET);
  expect(pair.has_value(), "the test's own sockets");
  for (int messages = 0; messages < 4 && !input.empty(); ++messages) {
    auto line = input.substr(0, input.find('\n'));
    input.remove_prefix(std::min(line.size() + 1, input.size()));
    int fd = pair->second.get();
    if (!line.empty()) (void)send_message(pair->second.get(), line, std::span(&fd, messages % 2));
  }
  ::shutdown(pair->second.get(), SHUT_WR);
  // Kept until the next call, so that requests find a reader.
  static Fd other;
  other = std::move(pair->second);
  return std::move(pair->first);
}

}  // namespace

void init_requests(std::string_view input) {
  auto request = parse_json(input, "a request", 64 << 10);
  if (!request) return;
  if (auto targets = inside::targets_of(*request))
    for (const auto& target : *targets)
      expect(target.size > 0 && target.size <= sizeof target.address, "an address fits");
  auto exec = inside::exec_of(*request);
  inside::extend(exec, *request);
}

void users(std::string_view input) {
  InputFile file(input);
  for (std::string_view who : {"dev", "1000", "dev:staff", "", "4294967295"}) {
    auto user = inside::find_user(who, file.path(), file.path());
    if (!user) continue;
    expect(user->uid != UINT32_MAX && user->gid != UINT32_MAX, "nobody gets the id that changes nothing");
    expect(!user->home.empty() && !user->shell.empty(), "a user has a home and a shell");
  }
}

void init_answers(std::string_view input) {
  int stdio[] = {0, 1, 2};
  if (auto process = inside::exec(answering(input), {.argv = {"true"}}, {stdio, stdio + 3}))
    (void)inside::wait(*process);
  (void)inside::connect_tcp(answering(input), "127.0.0.1", 80);
  (void)inside::listen_tcp(answering(input), "127.0.0.1", 0);
  (void)inside::lookup(answering(input), "dev");
  (void)inside::ports(answering(input));
  inside::Broker broker(answering(input));
  (void)broker.authorize("web", "ssh-ed25519 AAAA");
  (void)broker.session("web");
  (void)broker.agent("web");
}

}  // namespace photon::fuzz
