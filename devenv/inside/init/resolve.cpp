#include "devenv/inside/init/resolve.hpp"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <grp.h>
#include <netinet/in.h>
#include <poll.h>
#include <resolv.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace photon::inside {
namespace {

constexpr std::size_t longest_name = 253;  // RFC 1035, 3.1
constexpr unsigned longest_seconds = 60;
constexpr int connect_milliseconds = 10'000;
constexpr unsigned nobody = 65534;

bool same_name(std::string_view one, std::string_view other) {
  auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(one, other, [&](char a, char b) { return lower(a) == lower(b); });
}

std::string_view next_word(std::string_view& line) {
  auto from = std::min(line.find_first_not_of(" \t\r"), line.size());
  auto to = std::min(line.find_first_of(" \t\r", from), line.size());
  auto word = line.substr(from, to - from);
  line.remove_prefix(to);
  return word;
}

void ask_servers(struct __res_state& state, const std::string& name, ns_type type,
                 std::vector<std::string>& addresses) {
  std::array<unsigned char, 16 << 10> answer{};
  int size = ::res_nsearch(&state, name.c_str(), ns_c_in, type, answer.data(), answer.size());
  ns_msg message{};
  if (size < 0 || ::ns_initparse(answer.data(), std::min<int>(size, answer.size()), &message) < 0) return;
  std::size_t length = type == ns_t_a ? 4 : 16;
  for (int i = 0; i < ns_msg_count(message, ns_s_an); ++i) {
    ns_rr record{};
    if (::ns_parserr(&message, ns_s_an, i, &record) < 0) return;
    if (ns_rr_type(record) != type || ns_rr_rdlen(record) != length) continue;  // an alias on the way
    std::array<char, INET6_ADDRSTRLEN> text{};
    ::inet_ntop(type == ns_t_a ? AF_INET : AF_INET6, ns_rr_rdata(record), text.data(), text.size());
    addresses.emplace_back(text.data());
  }
}

std::vector<std::string> ask_servers(const std::string& name) {
  std::vector<std::string> addresses;
  struct __res_state state{};
  if (::res_ninit(&state) != 0) return addresses;
  ask_servers(state, name, ns_t_a, addresses);
  ask_servers(state, name, ns_t_aaaa, addresses);
  ::res_nclose(&state);
  return addresses;
}

Result<Fd> connect_any(const std::vector<Target>& targets) {
  Result<Fd> last = fail(Kind::unavailable, "inside.connect", "no address to connect to");
  for (const auto& target : targets) {
    last = begin_connect(target);
    if (!last) continue;
    pollfd polled{last->get(), POLLOUT, 0};
    if (::poll(&polled, 1, connect_milliseconds) == 0)
      last = fail(Kind::unavailable, "inside.connect", "connect in the environment: it does not answer");
    else if (auto done = end_connect(last->get()); !done)
      last = tl::unexpected(done.error());
    else
      return last;
  }
  return last;
}

// What a name server sends is parsed without any right. In a user namespace nobody may not be mapped; the
// process is an ordinary user outside then.
void drop_rights() {
  bool gone = ::setgroups(0, nullptr) == 0 && ::setresgid(nobody, nobody, nobody) == 0 &&
              ::setresuid(nobody, nobody, nobody) == 0;
  (void)gone;
}

Result<Fd> reach(const std::string& name, std::uint16_t port) {
  PHOTON_TRY(auto targets, resolve(name, port));
  return connect_any(targets);
}

[[noreturn]] void reach_and_answer(int socket, const std::string& name, std::uint16_t port) {
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::alarm(longest_seconds);
  drop_rights();
  auto reached = reach(name, port);
  json::object body{{"ok", true}};
  if (!reached) body = json::object{{"error", photon::to_json(reached.error())}};
  int fd = reached ? reached->get() : -1;
  (void)send_message(socket, write_json(body), std::span<const int>(&fd, reached ? 1 : 0));
  ::_exit(0);
}

}  // namespace

std::vector<std::string> addresses_in_hosts(std::string_view hosts, std::string_view name) {
  std::vector<std::string> addresses;
  while (!hosts.empty()) {
    auto end = std::min(hosts.find('\n'), hosts.size());
    auto line = hosts.substr(0, end);
    hosts.remove_prefix(std::min(end + 1, hosts.size()));
    line = line.substr(0, line.find('#'));
    auto address = next_word(line);
    for (auto word = next_word(line); !word.empty(); word = next_word(line))
      if (same_name(word, name)) {
        addresses.emplace_back(address);
        break;
      }
  }
  return addresses;
}

Result<std::vector<Target>> resolve(const std::string& name, std::uint16_t port) {
  if (name.size() > longest_name || name.find('\0') != std::string::npos)
    return fail(Kind::usage, "inside.host", "that is no host's name");
  auto addresses = addresses_in_hosts(read_file("/etc/hosts").value_or(""), name);
  if (addresses.empty()) addresses = ask_servers(name);
  std::vector<Target> targets;
  for (const auto& address : addresses) {
    auto target = target_of_address(address, port);
    if (!target) continue;
    if (is_metadata(*target)) return refuse_metadata(name);
    targets.push_back(*target);
  }
  if (targets.empty())
    return fail(Kind::not_found, "inside.host",
                fmt::format("\"{}\" has no address in the environment", name));
  std::ranges::stable_partition(targets, [](const auto& t) { return t.address.ss_family == AF_INET; });
  return targets;
}

Result<pid_t> start_reaching(int socket, const std::string& name, std::uint16_t port) {
  pid_t pid = ::fork();
  if (pid < 0) return fail_errno("start looking a name up", errno);
  if (pid == 0) reach_and_answer(socket, name, port);
  return pid;
}

}  // namespace photon::inside
