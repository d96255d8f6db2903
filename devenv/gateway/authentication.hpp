// Who the client is: public keys only, asked of the daemon; the user name is the environment.
#pragma once
#include <map>
#include <string>

#include "devenv/inside/broker.hpp"
#include "devenv/ssh/handle.hpp"

namespace photon::gateway {

class Authentication {
 public:
  Authentication(inside::Broker& broker, unsigned tries) : broker_(broker), tries_(tries) {}
  /// For libssh's callback: SSH_AUTH_SUCCESS or SSH_AUTH_DENIED.
  int key(const char* user, ssh_key key, char signature_state);
  int none() const { return SSH_AUTH_DENIED; }

  [[nodiscard]] bool accepted() const { return accepted_; }
  [[nodiscard]] bool exhausted() const { return failures_ >= tries_; }
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  bool authorized(ssh_key key);
  inside::Broker& broker_;
  unsigned tries_;
  unsigned failures_ = 0;
  bool accepted_ = false;
  bool named_ = false;
  std::string name_;
  std::map<std::string, bool> known_;  ///< a key is asked about twice: offered, then signed with
};

}  // namespace photon::gateway
