// Which logins are offered to a remote, in which order: the agent's keys, key files, what `devenv login`
// kept, what git's credential helpers know. Each is tried once.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "devenv/git/git.hpp"
#include "devenv/git/libgit2.hpp"
#include "devenv/git/url.hpp"

namespace photon::git {

/// A key of an agent, for as long as libgit2 may ask for signatures.
struct AgentKey {
  std::string socket;
  std::string key;
};

class Login {
 public:
  Login(Url url, const Credentials& credentials) : url_(std::move(url)), credentials_(credentials) {}

  /// libgit2's callback: the next login, or an error when none is left.
  int next(git_credential** out, const char* user, unsigned allowed);
  /// Another connection to the same remote: begins with what worked.
  void connection_begins() { position_ = worked_; }
  void connection_works() { worked_ = position_ == 0 ? 0 : position_ - 1; }

  [[nodiscard]] bool asked() const { return asked_; }
  [[nodiscard]] std::size_t offered() const { return offered_; }
  /// While following a redirect nothing is given away: the first callback only notes that a login is wanted.
  void withhold(bool yes) { withheld_ = yes; }

 private:
  struct Candidate {
    unsigned type;
    std::function<int(git_credential**, const char* user)> make;
  };
  void collect_ssh(unsigned allowed);
  void collect_http();
  void add_stored(unsigned type);
  void add_helper();

  Url url_;
  const Credentials& credentials_;
  std::vector<Candidate> candidates_;
  std::vector<std::unique_ptr<AgentKey>> agent_;
  std::size_t position_ = 0;
  std::size_t worked_ = 0;
  std::size_t offered_ = 0;
  bool collected_ = false;
  bool asked_ = false;
  bool withheld_ = false;
};

/// Whether a private key's file can be used without a passphrase.
bool is_plain_key(std::string_view text);

}  // namespace photon::git
