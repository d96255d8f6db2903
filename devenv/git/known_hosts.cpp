#include "devenv/git/known_hosts.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <array>

#include "devenv/core/digest.hpp"
#include "devenv/core/fd.hpp"

namespace photon::git {
namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = char(c + 32);
  return result;
}

std::string_view word(std::string_view& rest) {
  auto begin = rest.find_first_not_of(" \t");
  rest.remove_prefix(std::min(begin, rest.size()));
  auto text = rest.substr(0, rest.find_first_of(" \t"));
  rest.remove_prefix(text.size());
  return text;
}

bool glob(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = std::string_view::npos, mark = 0;
  while (t < text.size()) {
    if (p < pattern.size() && (pattern[p] == '?' || (pattern[p] == text[t] && pattern[p] != '*'))) {
      ++p, ++t;
    } else if (p < pattern.size() && pattern[p] == '*') {
      star = p++, mark = t;
    } else if (star != std::string_view::npos) {
      p = star + 1, t = ++mark;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

/// |1|salt|HMAC-SHA1(salt, name), both in base64.
bool hashed_match(std::string_view entry, std::string_view name) {
  entry.remove_prefix(3);
  auto bar = entry.find('|');
  if (bar == std::string_view::npos) return false;
  auto salt = base64_decode(entry.substr(0, bar));
  auto sum = base64_decode(entry.substr(bar + 1));
  if (!salt || !sum) return false;
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned size = 0;
  HMAC(EVP_sha1(), salt->data(), int(salt->size()), reinterpret_cast<const unsigned char*>(name.data()),
       name.size(), mac.data(), &size);
  return std::string_view(reinterpret_cast<char*>(mac.data()), size) == *sum;
}

bool names(std::string_view list, std::string_view name) {
  if (list.starts_with("|1|")) return hashed_match(list, name);
  bool found = false;
  while (!list.empty()) {
    auto pattern = list.substr(0, list.find(','));
    list.remove_prefix(std::min(pattern.size() + 1, list.size()));
    bool refused = pattern.starts_with('!');
    if (refused) pattern.remove_prefix(1);
    if (!glob(lower(pattern), name)) continue;
    if (refused) return false;
    found = true;
  }
  return found;
}

/// The first string of the blob: "ssh-ed25519".
std::string_view type_of(std::string_view key) {
  if (key.size() < 4) return {};
  std::size_t size = 0;
  for (int i = 0; i < 4; ++i) size = size << 8 | static_cast<unsigned char>(key[std::size_t(i)]);
  return key.substr(4, size);
}

}  // namespace

HostKey check_host_key(std::string_view text, std::string_view host, unsigned port, std::string_view key) {
  auto name = lower(host);
  if (port != 22) name = fmt::format("[{}]:{}", name, port);
  auto wanted = base64_encode(key);
  auto state = HostKey::unknown;
  while (!text.empty()) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    auto first = word(line);
    if (first.empty() || first.starts_with('#')) continue;
    std::string_view marker;
    if (first.starts_with('@')) marker = first, first = word(line);
    if (marker == "@cert-authority" || !names(first, name)) continue;
    auto type = word(line);
    bool same = word(line) == wanted;
    if (marker == "@revoked") {
      if (same) return HostKey::revoked;
    } else if (same) {
      state = HostKey::known;  // a later line may still revoke it
    } else if (type == type_of(key) && state == HostKey::unknown) {
      state = HostKey::changed;
    }
  }
  return state;
}

std::string fingerprint(std::string_view key) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> sum{};
  unsigned size = 0;
  EVP_Digest(key.data(), key.size(), sum.data(), &size, EVP_sha256(), nullptr);
  auto text = base64_encode({reinterpret_cast<char*>(sum.data()), size});
  while (text.ends_with('=')) text.pop_back();
  return "SHA256:" + text;
}

Result<void> verify_host(const std::vector<std::string>& files, const std::string& host, unsigned port,
                         std::string_view key) {
  std::string all;
  for (const auto& file : files)
    if (auto text = read_file(file)) all += *text + "\n";
  std::string port_words = port == 22 ? "" : fmt::format("-p {} ", port);
  switch (check_host_key(all, host, port, key)) {
    case HostKey::known:
      return {};
    case HostKey::unknown:
      return fail(Kind::denied, "git.host_key_unknown",
                  fmt::format("the host key of {} is not known: {} {}", host, type_of(key), fingerprint(key)),
                  fmt::format("check that fingerprint, then: ssh-keyscan {}{} >> ~/.ssh/known_hosts",
                              port_words, host));
    case HostKey::changed:
      return fail(Kind::denied, "git.host_key_changed",
                  fmt::format("THE HOST KEY OF {} HAS CHANGED: somebody may be listening in; it now shows {}",
                              host, fingerprint(key)),
                  fmt::format("ask who runs {0}; if the change is theirs: ssh-keygen -R {1}", host,
                              port == 22 ? host : fmt::format("'[{}]:{}'", host, port)));
    case HostKey::revoked:
      break;
  }
  return fail(Kind::denied, "git.host_key_revoked",
              fmt::format("the host key of {} is revoked in known_hosts: {}", host, fingerprint(key)),
              fmt::format("ask who runs {} for a new key", host));
}

}  // namespace photon::git
