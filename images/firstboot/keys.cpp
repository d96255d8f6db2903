#include "images/firstboot/keys.hpp"

#include <algorithm>
#include <array>

#include "devenv/core/digest.hpp"

namespace photon::first_boot {
namespace {

constexpr std::size_t longest_line = 16384, most_keys = 1000;
constexpr std::array types = {"ssh-ed25519",
                              "sk-ssh-ed25519@openssh.com",
                              "ecdsa-sha2-nistp256",
                              "ecdsa-sha2-nistp384",
                              "ecdsa-sha2-nistp521",
                              "sk-ecdsa-sha2-nistp256@openssh.com",
                              "ssh-rsa"};

/// Words between blanks; blanks within quotes belong to an option (command="a b").
std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  for (std::size_t at = 0; at < line.size();) {
    if (line[at] == ' ' || line[at] == '\t') {
      ++at;
      continue;
    }
    auto begin = at;
    for (bool quoted = false; at < line.size() && (quoted || (line[at] != ' ' && line[at] != '\t')); ++at) {
      if (line[at] == '\\' && at + 1 < line.size())
        ++at;
      else if (line[at] == '"')
        quoted = !quoted;
    }
    words.push_back(line.substr(begin, std::min(at, line.size()) - begin));
  }
  return words;
}

/// The key itself begins with its type once more, after the length in four bytes.
bool holds(std::string_view encoded, std::string_view type) {
  auto bytes = base64_decode(encoded);
  return bytes && bytes->size() > 4 + type.size() + 4 &&
         std::string_view(*bytes).substr(4, type.size()) == type && (*bytes)[0] == 0 && (*bytes)[1] == 0 &&
         (*bytes)[2] == 0 && static_cast<unsigned char>((*bytes)[3]) == type.size();
}

tl::unexpected<Error> refuse(std::string message, std::string hint) {
  return fail(Kind::usage, "first-boot.key", std::move(message), std::move(hint));
}

}  // namespace

Result<void> check_key(std::string_view line) {
  if (line.find("PRIVATE KEY") != line.npos)
    return refuse("this is a private key",
                  "the line that ends in .pub is meant; whoever saw the private one has it now");
  if (line.size() > longest_line || std::any_of(line.begin(), line.end(), [](unsigned char c) {
        return (c < 0x20 && c != '\t') || c == 0x7f;
      }))
    return refuse("this is no line of authorized_keys", "it is too long or has control characters");
  auto words = words_of(line);
  for (std::size_t at = 0; at < std::min<std::size_t>(words.size(), 2); ++at) {
    if (std::find(types.begin(), types.end(), words[at]) == types.end()) continue;
    if (at + 1 < words.size() && holds(words[at + 1], words[at])) return {};
    return refuse(fmt::format("this {} key is cut off or damaged", words[at]),
                  "copy the whole line of the .pub file");
  }
  return refuse("this is no public key", "a line of a .pub file, for example ssh-ed25519 AAAA… name");
}

Keys read_keys(std::string_view text, std::string_view file) {
  Keys keys;
  unsigned number = 0;
  for (std::size_t at = 0; at < text.size();) {
    auto end = std::min(text.find('\n', at), text.size());
    auto line = text.substr(at, end - at);
    at = end + 1;
    ++number;
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t'))
      line.remove_suffix(1);
    while (!line.empty() && (line.front() == ' ' || line.front() == '\t')) line.remove_prefix(1);
    if (line.empty() || line[0] == '#') continue;
    if (auto good = check_key(line); good && keys.good.size() < most_keys) {
      keys.good.emplace_back(line);
    } else {
      auto error =
          good ? Error{Kind::usage, "first-boot.key", fmt::format("these are more than {} keys", most_keys)}
               : good.error();
      error.where = Place{std::string(file), number, 0};
      keys.bad.push_back(std::move(error));
      // What follows a private key's first line is the key; one word about it is enough.
      if (!good && line.find("PRIVATE KEY") != line.npos) break;
    }
  }
  return keys;
}

Result<std::size_t> add_keys(const Tree& tree, const Account& account, const std::vector<std::string>& keys) {
  const auto folder = account.home + "/.ssh", path = folder + "/authorized_keys";
  // The folder is the user's, who may have put a link there: none is followed.
  PHOTON_TRY(auto there, tree.read(path, 1 << 20, Links::none));
  auto text = there.value_or("");
  if (!text.empty() && text.back() != '\n') text += '\n';
  std::size_t added = 0;
  for (const auto& key : keys) {
    if (("\n" + text).find("\n" + key + "\n") != std::string::npos) continue;
    text += key + "\n";
    ++added;
  }
  if (added == 0) return added;
  PHOTON_CHECK(tree.make_folder(folder, {0700, account.uid, account.gid}, Links::none));
  PHOTON_CHECK(tree.write(path, text, {0600, account.uid, account.gid}, Links::none));
  return added;
}

}  // namespace photon::first_boot
