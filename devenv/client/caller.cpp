// What a command tells the daemon about its user: folder, agent, public keys, environment.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdlib>

#include "devenv/client/client.hpp"
#include "devenv/core/digest.hpp"
#include "devenv/core/name.hpp"
#include "devenv/core/process.hpp"

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX wants the program to declare it

namespace photon::client {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

bool is_public_key(std::string_view line) {
  auto type = line.substr(0, line.find(' '));
  if (type.size() == line.size() || type.find("-cert-") != type.npos) return false;
  return type.starts_with("ssh-") || type.starts_with("ecdsa-sha2-") || type.starts_with("sk-");
}

void add_key(std::vector<std::string>& keys, std::string line) {
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.pop_back();
  if (line.find('\n') != std::string::npos || !is_public_key(line)) return;
  if (std::find(keys.begin(), keys.end(), line) == keys.end()) keys.push_back(std::move(line));
}

void add_files(std::vector<std::string>& keys, const std::string& folder) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() != ".pub" || !entry.is_regular_file(error)) continue;
    if (auto text = read_file(entry.path().string(), 64 << 10)) add_key(keys, *text);
  }
}

/// Whoever may log in here as this user may enter his environments: on a server and in a VM that is the key
/// with which he came. Lines with options are left out, for what they restrict would be lost.
void add_authorized(std::vector<std::string>& keys, const std::string& file) {
  auto text = read_file(file, 256 << 10).value_or("");
  for (std::size_t begin = 0, count = 0; begin < text.size() && count < 256; ++count) {
    auto end = std::min(text.find('\n', begin), text.size());
    add_key(keys, text.substr(begin, end - begin));
    begin = end + 1;
  }
}

/// The agent's strings: a length of four bytes, then the bytes.
class AgentReader {
 public:
  explicit AgentReader(std::string_view bytes) : bytes_(bytes) {}
  std::uint32_t number() {
    if (bytes_.size() < 4) return fail_all();
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i)
      value = value << 8 | static_cast<unsigned char>(bytes_[static_cast<std::size_t>(i)]);
    bytes_.remove_prefix(4);
    return value;
  }
  std::string_view text() {
    auto size = number();
    if (size > bytes_.size()) size = fail_all();
    auto found = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return found;
  }

 private:
  std::uint32_t fail_all() {
    bytes_ = {};
    return 0;
  }
  std::string_view bytes_;
};

bool receive(int socket, char* to, std::size_t size) {
  while (size > 0) {
    ssize_t count = ::recv(socket, to, size, 0);
    if (count <= 0) return false;
    to += count;
    size -= static_cast<std::size_t>(count);
  }
  return true;
}

/// The keys that an ssh-agent holds (draft-ietf-sshm-ssh-agent, section 3.5); an agent that is slow has none.
void add_agent(std::vector<std::string>& keys, const std::string& path) {
  auto socket = connect_unix(path, SOCK_STREAM);
  if (!socket) return;
  timeval limit{1, 0};
  ::setsockopt(socket->get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  constexpr std::string_view request_identities("\0\0\0\1\x0b", 5);
  if (!write_all(socket->get(), request_identities)) return;
  std::string head(5, '\0');
  if (!receive(socket->get(), head.data(), head.size()) || head[4] != 12) return;
  auto size = AgentReader(head).number();
  if (size < 1 || size > (1 << 20)) return;
  std::string body(size - 1, '\0');
  if (!receive(socket->get(), body.data(), body.size())) return;
  AgentReader reader(body);
  auto count = std::min<std::uint32_t>(reader.number(), 64);
  for (std::uint32_t i = 0; i < count; ++i) {
    auto blob = reader.text();
    auto comment = reader.text();
    auto type = AgentReader(blob).text();
    add_key(keys, fmt::format("{} {} {}", type, base64_encode(blob), shown(comment)));
  }
}

std::map<std::string, std::string> environment() {
  std::map<std::string, std::string> all;
  for (char** entry = environ; *entry; ++entry) {
    std::string_view text(*entry);
    auto equals = text.find('=');
    if (equals != text.npos && equals > 0) all.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return all;
}

}  // namespace

Result<std::string> own_key(const Paths& paths) {
  std::string key = paths.config + "/id_ed25519";
  if (::access(key.c_str(), F_OK) == 0 && ::access((key + ".pub").c_str(), F_OK) == 0) return key;
  PHOTON_CHECK(make_directories(paths.config));
  // Two commands at once: the second one finds what the first has made.
  PHOTON_TRY(Fd lock, open_fd(key + ".lock", O_RDWR | O_CREAT, 0600));
  if (::flock(lock.get(), LOCK_EX) < 0) return fail_errno("lock " + key, errno);
  if (::access((key + ".pub").c_str(), F_OK) == 0) return key;
  ::unlink(key.c_str());  // half a pair, from a command that was killed
  PHOTON_TRY(auto made,
             run({.argv = {"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "devenv", "-f", key}}));
  if (made.status != 0)
    return fail(Kind::failed, "client.key", "ssh-keygen made no key: " + shown(made.err),
                "install openssh-client");
  return key;
}

wire::Caller this_caller(const Paths& paths) {
  wire::Caller caller;
  caller.home = variable("HOME");
  std::error_code error;
  caller.folder = std::filesystem::current_path(error).string();
  caller.agent_socket = variable("SSH_AUTH_SOCK");
  caller.environment = environment();
  if (auto key = own_key(paths))
    if (auto text = read_file(*key + ".pub", 64 << 10)) add_key(caller.public_keys, *text);
  if (!caller.home.empty()) {
    add_files(caller.public_keys, caller.home + "/.ssh");
    add_authorized(caller.public_keys, caller.home + "/.ssh/authorized_keys");
  }
  if (!caller.agent_socket.empty()) add_agent(caller.public_keys, caller.agent_socket);
  return caller;
}

}  // namespace photon::client
