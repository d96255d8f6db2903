#include "devenv/git/agent.hpp"

#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "devenv/core/fd.hpp"

namespace photon::git {
namespace {

constexpr std::uint32_t longest = 1 << 18;

void put_number(std::string& out, std::uint32_t number) {
  for (int shift = 24; shift >= 0; shift -= 8) out += char(number >> shift & 0xff);
}
void put_string(std::string& out, std::string_view text) {
  put_number(out, std::uint32_t(text.size()));
  out += text;
}
std::optional<std::uint32_t> take_number(std::string_view& in) {
  if (in.size() < 4) return std::nullopt;
  std::uint32_t number = 0;
  for (int i = 0; i < 4; ++i) number = number << 8 | static_cast<unsigned char>(in[std::size_t(i)]);
  in.remove_prefix(4);
  return number;
}
std::optional<std::string_view> take_string(std::string_view& in) {
  auto size = take_number(in);
  if (!size || *size > in.size()) return std::nullopt;
  auto text = in.substr(0, *size);
  in.remove_prefix(*size);
  return text;
}

tl::unexpected<Error> broken(std::string_view why) {
  return fail(Kind::unavailable, "git.agent", fmt::format("the SSH agent {}", why),
              "ssh-add -l shows whether it works");
}

Result<std::string> read_exactly(int fd, std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t have = 0; have < size;) {
    auto got = ::read(fd, bytes.data() + have, size - have);
    if (got <= 0) return broken("does not answer");
    have += std::size_t(got);
  }
  return bytes;
}

Result<std::string> ask(const std::string& path, std::string_view question) {
  PHOTON_TRY(auto socket, connect_unix(path, SOCK_STREAM));
  timeval limit{.tv_sec = 60, .tv_usec = 0};  // a person may have to touch a key or confirm
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  std::string message;
  put_string(message, question);
  PHOTON_CHECK(write_all(socket.get(), message));
  PHOTON_TRY(auto header, read_exactly(socket.get(), 4));
  std::string_view rest = header;
  auto size = *take_number(rest);
  if (size == 0 || size > longest) return broken("sent an answer of a wrong length");
  return read_exactly(socket.get(), size);
}

}  // namespace

Result<std::vector<std::string>> agent_keys(const std::string& socket) {
  PHOTON_TRY(auto answer, ask(socket, "\x0b"));
  std::string_view rest = answer;
  if (rest[0] != 12) return broken("does not list its keys");
  rest.remove_prefix(1);
  auto count = take_number(rest);
  std::vector<std::string> keys;
  for (std::uint32_t i = 0; count && i < *count; ++i) {
    auto key = take_string(rest);
    if (!key || !take_string(rest)) return broken("sent a broken list of keys");
    keys.emplace_back(*key);
  }
  return keys;
}

Result<std::string> agent_sign(const std::string& socket, std::string_view key, std::string_view data) {
  std::string question = "\x0d";
  put_string(question, key);
  put_string(question, data);
  put_number(question, 0);
  PHOTON_TRY(auto answer, ask(socket, question));
  std::string_view rest = answer;
  if (rest[0] != 14) return broken("refused to sign");
  rest.remove_prefix(1);
  auto wrapped = take_string(rest);
  if (!wrapped || !take_string(*wrapped)) return broken("sent a broken signature");
  auto signature = take_string(*wrapped);
  if (!signature) return broken("sent a broken signature");
  return std::string(*signature);
}

}  // namespace photon::git
