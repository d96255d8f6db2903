#include "devenv/gateway/authentication.hpp"

#include <array>

#include "devenv/core/name.hpp"

namespace photon::gateway {
namespace {

// A certificate's type is none of these. libssh 0.11 would take one for the plain key in it without a look at
// its dates, principals or options.
constexpr std::array<std::string_view, 7> plain_types{"ssh-ed25519",
                                                      "ssh-rsa",
                                                      "ecdsa-sha2-nistp256",
                                                      "ecdsa-sha2-nistp384",
                                                      "ecdsa-sha2-nistp521",
                                                      "sk-ssh-ed25519@openssh.com",
                                                      "sk-ecdsa-sha2-nistp256@openssh.com"};

std::string type_of(ssh_key key) {
  auto type = ssh_key_type(key);
  const char* text = ssh_key_type_to_char(type);
  return text != nullptr ? text : "";
}

}  // namespace

bool Authentication::authorized(ssh_key key) {
  std::string type = type_of(key);
  if (std::find(plain_types.begin(), plain_types.end(), type) == plain_types.end()) return false;
  ssh::Text base64;
  if (ssh_pki_export_pubkey_base64(key, Out(base64)) != SSH_OK) return false;
  std::string text = type + " " + base64.get();
  auto found = known_.find(text);
  if (found == known_.end()) {
    // A name that cannot exist is asked about like any other, so that answer and time tell nothing.
    auto answer = broker_.authorize(name_, text);
    found = known_.emplace(text, answer && *answer).first;
  }
  return found->second;
}

int Authentication::key(const char* user, ssh_key key, char signature_state) {
  std::string wanted = user;
  if (wanted.ends_with(".devenv")) wanted.resize(wanted.size() - 7);
  if (!named_) name_ = wanted.substr(0, 64);
  named_ = true;
  // The name may not change on the way; a wrong signature counts like a wrong key.
  bool right = !accepted_ && !exhausted() && authorized(key) && wanted == name_;
  if (right && signature_state == SSH_PUBLICKEY_STATE_NONE) return SSH_AUTH_SUCCESS;
  if (right && signature_state == SSH_PUBLICKEY_STATE_VALID) {
    accepted_ = true;
    return SSH_AUTH_SUCCESS;
  }
  ++failures_;
  return SSH_AUTH_DENIED;
}

}  // namespace photon::gateway
