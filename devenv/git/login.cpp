#include "devenv/git/login.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include "devenv/core/digest.hpp"
#include "devenv/core/process.hpp"
#include "devenv/git/agent.hpp"

namespace photon::git {
namespace {

constexpr std::size_t most_agent_keys = 4;  // sshd hangs up after six tries by default

/// libssh2's callback for signatures; it frees what it gets.
int sign(LIBSSH2_SESSION* /*session*/, unsigned char** signature, std::size_t* size,
         const unsigned char* data, std::size_t data_size, void** abstract) {
  const auto& key = *static_cast<const AgentKey*>(*abstract);
  auto made = agent_sign(key.socket, key.key, {reinterpret_cast<const char*>(data), data_size});
  if (!made) return -1;
  *signature = static_cast<unsigned char*>(std::malloc(made->size()));
  if (*signature == nullptr) return -1;
  std::memcpy(*signature, made->data(), made->size());
  *size = made->size();
  return 0;
}

std::string value_of(std::string_view text, std::string_view key) {
  while (!text.empty()) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.starts_with(key) && line.substr(key.size()).starts_with('='))
      return std::string(line.substr(key.size() + 1));
  }
  return {};
}

/// Helpers are programs that the user's configuration names: they run as the owner of that home, never as
/// root for somebody else.
Result<std::pair<std::string, Secret>> ask_helper(const Url& url, const std::string& home) {
  auto git = find_program("git");
  if (!git) return fail(Kind::not_found, "git.no_git", "git is not installed");
  Command command{.argv = {*git, "credential", "fill"}};
  struct stat info{};
  if (home.empty() || ::stat(home.c_str(), &info) != 0)
    return fail(Kind::not_found, "git.no_home", "there is no home folder with a configuration of git");
  if (::geteuid() == 0 && info.st_uid != 0) {
    auto setpriv = find_program("setpriv");
    if (!setpriv) return fail(Kind::not_found, "git.no_setpriv", "setpriv is not installed");
    command.argv.insert(command.argv.begin(),
                        {*setpriv, fmt::format("--reuid={}", info.st_uid),
                         fmt::format("--regid={}", info.st_gid), "--clear-groups", "--"});
  }
  const char* path = std::getenv("PATH");
  command.environment = std::map<std::string, std::string>{{"HOME", home},
                                                           {"PATH", path != nullptr ? path : "/usr/bin:/bin"},
                                                           {"GIT_TERMINAL_PROMPT", "0"},
                                                           {"LC_ALL", "C.UTF-8"}};
  command.directory = "/";
  auto question = fmt::format("protocol={}\nhost={}{}\n{}\n", url.scheme, url.host,
                              url.port.empty() ? "" : ":" + url.port,
                              url.user.empty() ? "" : fmt::format("username={}\n", url.user));
  PHOTON_TRY(auto answer, run(std::move(command), question, std::chrono::seconds(30)));
  auto user = value_of(answer.out, "username");
  Secret password(value_of(answer.out, "password"));
  if (answer.status != 0 || password.empty())
    return fail(Kind::not_found, "git.no_login", "no helper knows a login");
  return std::pair(user, std::move(password));
}

}  // namespace

bool is_plain_key(std::string_view text) {
  constexpr std::string_view begin = "-----BEGIN OPENSSH PRIVATE KEY-----";
  if (text.find("ENCRYPTED") != std::string_view::npos) return false;
  auto at = text.find(begin);
  if (at == std::string_view::npos) return text.find("PRIVATE KEY-----") != std::string_view::npos;
  std::string body;
  for (char c : text.substr(at + begin.size(), 80))
    if (c != '\n' && c != '\r' && body.size() < 48) body += c;
  auto bytes = base64_decode(body);  // "openssh-key-v1\0", then the name of the cipher
  return bytes && bytes->size() > 23 && bytes->substr(19, 4) == "none";
}

int Login::next(git_credential** out, const char* user, unsigned allowed) {
  std::string name = user != nullptr && *user != '\0' ? user : "git";
  if ((allowed & GIT_CREDENTIAL_USERNAME) != 0) return git_credential_username_new(out, name.c_str());
  asked_ = true;
  if (withheld_) return GIT_EAUTH;
  if (!collected_) {
    collected_ = true;
    if (url_.is_ssh()) collect_ssh(allowed);
    if (url_.is_http()) collect_http();
  }
  while (position_ < candidates_.size()) {
    auto& candidate = candidates_[position_++];
    if ((candidate.type & allowed) == 0) continue;
    if (candidate.make(out, name.c_str()) != 0) continue;
    ++offered_;
    return 0;
  }
  git_error_set_str(GIT_ERROR_CALLBACK, "no login is left");
  return GIT_EAUTH;
}

void Login::collect_ssh(unsigned allowed) {
  if (!credentials_.agent_socket.empty()) {
    if (auto keys = agent_keys(credentials_.agent_socket)) {
      for (auto& key : *keys) {
        if (agent_.size() == most_agent_keys) break;
        if (key.substr(4, 3) == "sk-" || key.find("-cert-v01") != std::string::npos)
          continue;  // libssh2 cannot
        agent_.push_back(std::make_unique<AgentKey>(AgentKey{credentials_.agent_socket, std::move(key)}));
        candidates_.push_back(
            {GIT_CREDENTIAL_SSH_CUSTOM, [key = agent_.back().get()](git_credential** out, const char* user) {
               return git_credential_ssh_custom_new(out, user, key->key.data(), key->key.size(), sign, key);
             }});
      }
    }
  }
  for (const auto& file : credentials_.key_files) {
    auto text = read_file(file, 1 << 20);
    if (!text) continue;
    bool plain = is_plain_key(*text);
    Secret wiped(std::move(*text));
    if (!plain) continue;
    candidates_.push_back({GIT_CREDENTIAL_SSH_KEY, [file](git_credential** out, const char* user) {
                             return git_credential_ssh_key_new(out, user, nullptr, file.c_str(), nullptr);
                           }});
  }
  if ((allowed & GIT_CREDENTIAL_USERPASS_PLAINTEXT) != 0) add_stored(GIT_CREDENTIAL_USERPASS_PLAINTEXT);
}

void Login::collect_http() {
  add_stored(GIT_CREDENTIAL_USERPASS_PLAINTEXT);
  add_helper();
}

void Login::add_stored(unsigned type) {
  if (!credentials_.stored) return;
  candidates_.push_back(
      {type, [this](git_credential** out, const char*) {
         auto login = credentials_.stored(url_.port.empty() ? url_.host : url_.host + ":" + url_.port);
         if (!login && !url_.port.empty()) login = credentials_.stored(url_.host);
         if (!login) return -1;
         auto user = login->first.empty() ? url_.user : login->first;
         return git_credential_userpass_plaintext_new(out, user.c_str(), login->second.reveal().c_str());
       }});
}

void Login::add_helper() {
  if (!credentials_.use_git_helpers) return;
  candidates_.push_back({GIT_CREDENTIAL_USERPASS_PLAINTEXT, [this](git_credential** out, const char*) {
                           auto login = ask_helper(url_, credentials_.home);
                           if (!login) return -1;
                           return git_credential_userpass_plaintext_new(out, login->first.c_str(),
                                                                        login->second.reveal().c_str());
                         }});
}

}  // namespace photon::git
