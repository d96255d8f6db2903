#include "devenv/ssh/keys.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include "devenv/core/digest.hpp"
#include "devenv/core/fd.hpp"
#include "devenv/core/name.hpp"
#include "devenv/core/undo.hpp"
#include "devenv/ssh/handle.hpp"

namespace photon::ssh {
namespace {

tl::unexpected<Error> bad_key(std::string_view line) {
  return fail(Kind::usage, "ssh.key", fmt::format("\"{}\" is not a public key", shown(line, 40)),
              "use a line of a .pub file, such as ~/.ssh/id_ed25519.pub");
}

Result<Key> import_public(const PublicKey& key) {
  Key result;
  if (ssh_pki_import_pubkey_base64(key.base64.c_str(), ssh_key_type_from_name(key.type.c_str()),
                                   Out(result)) != SSH_OK)
    return bad_key(key.text());
  return result;
}

Result<HostKey> describe(std::string private_key, const std::string& path) {
  Key key;
  HostKey result{Secret(std::move(private_key)), {}};
  if (ssh_pki_import_privkey_base64(result.private_key.reveal().c_str(), nullptr, nullptr, nullptr,
                                    Out(key)) != SSH_OK)
    return fail(Kind::corrupt, "ssh.host-key", path + " does not hold a private key",
                "remove the file; a new key is made then, and clients must forget the old one");
  Text base64;
  if (ssh_pki_export_pubkey_base64(key.get(), Out(base64)) != SSH_OK)
    return fail(Kind::internal, "ssh.host-key", "cannot write the public half of " + path);
  result.public_line = fmt::format("{} {}", ssh_key_type_to_char(ssh_key_type(key.get())), base64.get());
  return result;
}

// The private key goes to a draft beside the file, so that the file is there whole or not at all, and two
// daemons that start at once agree on the first one's key.
Result<void> make_host_key(const std::string& path) {
  Key key;
  if (ssh_pki_generate(SSH_KEYTYPE_ED25519, 0, Out(key)) != SSH_OK)
    return fail(Kind::internal, "ssh.host-key", "cannot make a host key");
  std::string draft = fmt::format("{}.{}", path, random_id());
  Finally remove{[&] { ::unlink(draft.c_str()); }};
  mode_t before = ::umask(0077);
  int done = ssh_pki_export_privkey_file(key.get(), nullptr, nullptr, nullptr, draft.c_str());
  ::umask(before);
  if (done != SSH_OK) return fail(Kind::failed, "ssh.host-key", "cannot write a host key to " + path);
  if (::link(draft.c_str(), path.c_str()) < 0 && errno != EEXIST) return fail_errno("write " + path, errno);
  return {};
}

}  // namespace

std::string library_version() {
  std::string text = ::ssh_version(0);  // "0.10.6/openssl/zlib"
  return text.substr(0, text.find('/'));
}

Result<HostKey> host_key(const std::string& path) {
  if (::access(path.c_str(), F_OK) != 0) PHOTON_CHECK(make_host_key(path));
  PHOTON_TRY(auto text, read_file(path, 1 << 16));
  return describe(std::move(text), path);
}

Result<PublicKey> parse_public_key(std::string_view line) {
  constexpr std::string_view blank = " \t\r\n";
  std::string_view whole = line;
  auto word = [&] {
    line.remove_prefix(std::min(line.find_first_not_of(blank), line.size()));
    auto found = line.substr(0, line.find_first_of(blank));
    line.remove_prefix(found.size());
    return std::string(found);
  };
  PublicKey key;
  key.type = word();
  key.base64 = word();
  line.remove_prefix(std::min(line.find_first_not_of(blank), line.size()));
  key.comment = std::string(line.substr(0, line.find_last_not_of(blank) + 1));
  if (key.type.empty() || key.base64.empty() ||
      ssh_key_type_from_name(key.type.c_str()) == SSH_KEYTYPE_UNKNOWN)
    return bad_key(whole);
  PHOTON_CHECK(import_public(key));
  return key;
}

std::vector<PublicKey> parse_public_keys(std::string_view text) {
  std::vector<PublicKey> keys;
  while (!text.empty()) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.empty() || line[0] == '#') continue;
    if (auto key = parse_public_key(line)) keys.push_back(std::move(*key));
  }
  return keys;
}

Result<std::string> fingerprint(const PublicKey& key) {
  PHOTON_TRY(auto imported, import_public(key));
  unsigned char* hash = nullptr;
  std::size_t size = 0;
  if (ssh_get_publickey_hash(imported.get(), SSH_PUBLICKEY_HASH_SHA256, &hash, &size) != 0)
    return bad_key(key.text());
  Finally clean{[&] { ssh_clean_pubkey_hash(&hash); }};
  Text text(ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, size));
  return std::string(text.get());
}

}  // namespace photon::ssh
